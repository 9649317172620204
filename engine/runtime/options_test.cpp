#include "engine/runtime/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "engine/base/generated_file_testing.h"
#include "engine/runtime/generation.h"
#include "engine/runtime/scheduler.h"

namespace hearth {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

template <typename Struct>
Struct defaults() {
  Struct options{};
  set_defaults(options);
  return options;
}

/// What is wrong with the defaults after a change; "" where nothing is.
template <typename Struct, typename Change>
std::string wrong_after(const Change& change) {
  Struct options = defaults<Struct>();
  change(options);
  const Result<void> checked = check_options(options);
  if (checked.ok()) return "";
  EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
  return checked.error().message;
}

TEST(Options, DefaultsAreWhatTheEngineTakesWhereNothingIsSaid) {
  const auto load = defaults<hearth_model_options>();
  const SchedulerOptions scheduling;
  EXPECT_EQ(load.context_size, scheduling.context_size);
  EXPECT_EQ(load.cache_positions, scheduling.cache_positions);
  EXPECT_EQ(load.max_batch_rows, scheduling.max_batch_rows);
  EXPECT_EQ(load.max_sequences, scheduling.max_sequences);
  EXPECT_STREQ(load.kv_type, "f16");
  const auto generation = defaults<hearth_generation_options>();
  const SamplerOptions sampling;
  EXPECT_EQ(generation.max_tokens, GenerationRequest().max_tokens);
  EXPECT_EQ(generation.temperature, sampling.temperature);
  EXPECT_EQ(generation.top_k, sampling.top_k);
  EXPECT_EQ(generation.top_p, sampling.top_p);
  EXPECT_EQ(generation.min_p, sampling.min_p);
  EXPECT_EQ(generation.repetition_penalty, sampling.repetition_penalty);
  EXPECT_EQ(generation.frequency_penalty, sampling.frequency_penalty);
  EXPECT_EQ(generation.presence_penalty, sampling.presence_penalty);
  EXPECT_EQ(generation.penalty_window, sampling.penalty_window);
  EXPECT_EQ(generation.use_seed, 0);
  EXPECT_TRUE(check_options(load).ok());
  EXPECT_TRUE(check_options(generation).ok());
}

TEST(Options, AreRefusedByNameWithWhatTheyMayBe) {
  using Load = hearth_model_options;
  using Generation = hearth_generation_options;
  EXPECT_EQ(wrong_after<Load>([](Load& o) { o.threads = 1000000000; }),
            "threads must be a whole number from 1 to 1024 (0: one per physical core), not 1000000000");
  EXPECT_THAT(wrong_after<Load>([](Load& o) { o.context_size = -5; }), HasSubstr("contextSize"));
  EXPECT_THAT(wrong_after<Load>([](Load& o) { o.max_sequences = 0; }), HasSubstr("maxSequences"));
  EXPECT_THAT(wrong_after<Load>([](Load& o) { o.memory_limit = UINT64_MAX; }), HasSubstr("memoryLimit"));
  EXPECT_EQ(wrong_after<Load>([](Load& o) { o.kv_type = "q9"; }),
            "kvType must be one of f16, f32, q8_0, q4_0, not 'q9'");
  EXPECT_EQ(wrong_after<Load>([](Load& o) { o.kv_type = nullptr; }), "");
  EXPECT_THAT(wrong_after<Generation>([](Generation& o) { o.max_tokens = 0; }),
              AllOf(HasSubstr("maxTokens"), HasSubstr("-1: until the context is full"), HasSubstr("not 0")));
  EXPECT_THAT(
      wrong_after<Generation>([](Generation& o) { o.temperature = std::numeric_limits<float>::quiet_NaN(); }),
      HasSubstr("temperature must be a number from 0 to 100"));
  EXPECT_THAT(wrong_after<Generation>([](Generation& o) { o.top_p = 1.01F; }), HasSubstr("topP"));
  EXPECT_THAT(wrong_after<Generation>([](Generation& o) { o.repetition_penalty = 0; }),
              HasSubstr("repetitionPenalty"));
  EXPECT_EQ(wrong_after<Generation>([](Generation& o) { o.repetition_penalty = 0.01F; }), "");
  EXPECT_EQ(wrong_after<Generation>([](Generation& o) { o.penalty_window = -1; }), "");
}

TEST(Options, TakeNumbersOfJavaScriptOnlyAsTheyAre) {
  hearth_generation_options options = defaults<hearth_generation_options>();
  const auto set = [&](std::string_view name, double value) {
    for (const auto& option : option_table<hearth_generation_options>()) {
      if (option.name == name) return set_option(options, option, value).ok();
    }
    return false;
  };
  EXPECT_TRUE(set("topK", 7));
  EXPECT_EQ(options.top_k, 7);
  for (const double wrong :
       {1.5, 1e12, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    EXPECT_FALSE(set("topK", wrong)) << wrong;
  }
  EXPECT_EQ(options.top_k, 7);
  EXPECT_TRUE(set("seed", 9007199254740991));
  EXPECT_EQ(options.use_seed, 1);
  EXPECT_EQ(options.seed, 9007199254740991U);
  EXPECT_FALSE(set("seed", 9007199254740992));
  EXPECT_TRUE(set("seed", -1));
  EXPECT_EQ(options.use_seed, 0);
}

std::string typescript_type(OptionType type) {
  switch (type) {
    case OptionType::kInteger:
    case OptionType::kSeed:
      return "integer";
    case OptionType::kNumber:
      return "number";
    case OptionType::kName:
      return "name";
    case OptionType::kText:
      return "text";
    case OptionType::kFlag:
      return "flag";
    case OptionType::kTexts:
      return "texts";
    case OptionType::kTokens:
      return "tokens";
    case OptionType::kBiases:
      return "biases";
  }
  return "";
}

std::string typescript_row(const Option& option) {
  std::string row = fmt::format("  {}: {{ type: \"{}\"", option.name, typescript_type(option.type));
  if (is_number(option) && option.type != OptionType::kFlag) {
    row += fmt::format(", least: {}, most: {}", option.range.least, option.range.most);
    const auto& [value, meaning] = option.special;
    if (!meaning.empty()) row += fmt::format(", special: {}, meaning: \"{}\"", value, meaning);
  }
  if (!option.names.empty()) row += fmt::format(", names: [\"{}\"]", fmt::join(option.names, "\", \""));
  return row + " },\n";
}

template <typename Struct>
std::string typescript_table(std::string_view name) {
  std::string table = fmt::format("\nexport const {} = {{\n", name);
  for (const auto& option : option_table<Struct>()) table += typescript_row(option);
  return table + "} as const satisfies OptionTable;\n";
}

TEST(Options, TheTableOfTypeScriptIsMadeFromThisOne) {
  const std::string table =
      "/** The engine's options of loading and of generating: made from engine/runtime/options.cpp by "
      "options_test.cpp. */\n\nimport type { OptionTable } from \"./option.js\";\n" +
      typescript_table<hearth_model_options>("load_options") +
      typescript_table<hearth_generation_options>("generation_options");
  testing::expect_generated("packages/core/src/option_table.ts", "", table);
}

}  // namespace
}  // namespace hearth
