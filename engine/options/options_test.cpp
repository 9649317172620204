#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/generated_file_testing.h"
#include "engine/options/option_values.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// The defaults with what `json` says.
template <typename Struct>
Struct with(const char* json) {
  Struct options;
  const Result<void> set = set_options(options, ordered_json::parse(json));
  EXPECT_TRUE(set.ok()) << set.error().message;
  return options;
}

/// What is wrong with values; "" where nothing is.
template <typename Struct>
std::string wrong(const ordered_json& values) {
  Struct options;
  const Result<void> set = set_options(options, values);
  if (set.ok()) return "";
  EXPECT_EQ(set.error().code, ErrorCode::kInvalidArgument);
  return set.error().message;
}

template <typename Struct>
void expect_sound_defaults() {
  for (const OptionOf<Struct>& option : option_table<Struct>()) {
    if (option.type > OptionType::kNumber) continue;
    EXPECT_TRUE(accepts(option, number_in(Struct(), option))) << option.name;
  }
}

TEST(Options, DefaultsAreWhatOptionsMayBe) {
  expect_sound_defaults<LoadOptions>();
  expect_sound_defaults<GenerationOptions>();
  expect_sound_defaults<EmbeddingOptions>();
  EXPECT_EQ(kPoolings[0], EmbeddingOptions().pooling);
  EXPECT_EQ(find_block_type(kKvTypes[0]), LoadOptions().kv_type);
}

TEST(Options, AreReadByName) {
  const auto load = with<LoadOptions>(R"({"threads": 3, "kvType": "q8_0", "memoryLimit": 5000000000})");
  EXPECT_EQ(load.threads, 3);
  EXPECT_EQ(load.kv_type, BlockType::kQ8_0);
  EXPECT_EQ(load.memory_limit, 5000000000U);
  EXPECT_EQ(load.max_sequences, 32) << "what is not there stays";
  const auto generation = with<GenerationOptions>(
      R"({"topP": 0.5, "topK": 7e0, "stop": ["a", "b"], "stopTokens": [3], "ignoreEnd": true})");
  EXPECT_EQ(generation.top_p, 0.5F);
  EXPECT_EQ(generation.top_k, 7);
  EXPECT_THAT(generation.stop, ElementsAre("a", "b"));
  EXPECT_THAT(generation.stop_tokens, ElementsAre(3));
  EXPECT_TRUE(generation.ignore_end);
  EXPECT_THAT(with<GenerationOptions>(R"({"stop": "one"})").stop, ElementsAre("one"));
  const auto embedding = with<EmbeddingOptions>(R"({"pooling": "cls", "normalize": false, "dimensions": 8})");
  EXPECT_EQ(embedding.pooling, "cls");
  EXPECT_FALSE(embedding.normalize);
  EXPECT_EQ(embedding.dimensions, 8);
}

TEST(Options, AreNamesInAnyOrderButNoneTwice) {
  EXPECT_THAT(with<GenerationOptions>(R"({"samplers": ["temperature", "topK"]})").samplers,
              ElementsAre("temperature", "topK"));
  EXPECT_THAT(with<GenerationOptions>(R"({"samplers": []})").samplers, ElementsAre());
  EXPECT_THAT(GenerationOptions().samplers, ::testing::ElementsAreArray(kSamplers));
  EXPECT_THAT(wrong<GenerationOptions>({{"samplers", {"topK", "topQ"}}}),
              AllOf(StartsWith("samplers must be an array of different names among penalties, dry, "),
                    HasSubstr("'topQ' is none")));
  EXPECT_EQ(wrong<GenerationOptions>({{"samplers", {"topK", "minP", "topK"}}}),
            "samplers has 'topK' twice; each may be there once");
  EXPECT_THAT(wrong<GenerationOptions>({{"samplers", "topK"}}), HasSubstr("not 'topK'"));
}

TEST(Options, HoldJsonAsItsText) {
  const auto schema_of = [](const char* json) { return with<GenerationOptions>(json).json_schema; };
  EXPECT_EQ(schema_of(R"({"jsonSchema": {"type": "object", "a": [1]}})"), R"({"type":"object","a":[1]})");
  EXPECT_EQ(schema_of(R"({"jsonSchema": true})"), "true");
  EXPECT_EQ(schema_of(R"({"jsonSchema": "{ }"})"), "{ }");
  EXPECT_THAT(wrong<GenerationOptions>({{"jsonSchema", 3}}), HasSubstr("jsonSchema must be a JSON object"));
  EXPECT_EQ(wrong<GenerationOptions>({{"grammar", ""}}), "grammar must be a text that is not empty, not ''");
}

TEST(Options, ChooseAdaptersWithScales) {
  const auto options = with<GenerationOptions>(R"({"adapters": [{"id": 2}, {"id": 1, "scale": -0.5}]})");
  ASSERT_EQ(options.adapters.size(), 2U);
  EXPECT_EQ(options.adapters[0].id, 2);
  EXPECT_EQ(options.adapters[0].scale, 1.0F);
  EXPECT_EQ(options.adapters[1].scale, -0.5F);
  for (const char* wrong_choice :
       {R"([{"scale": 1}])", R"([{"id": 1.5}])", R"([{"id": 1, "scal": 2}])", R"([1])", R"({"id": 1})",
        R"([{"id": 1, "scale": "x"}])", R"([{"id": 1, "scale": 1e99}])"}) {
    EXPECT_THAT(wrong<GenerationOptions>({{"adapters", ordered_json::parse(wrong_choice)}}),
                StartsWith("adapters must be an array of objects, each with the id of an adapter"))
        << wrong_choice;
  }
}

TEST(Options, HoldSeedsOf64Bits) {
  EXPECT_EQ(with<GenerationOptions>(R"({"seed": 18446744073709551615})").seed, UINT64_MAX);
  EXPECT_EQ(with<GenerationOptions>(R"({"seed": 9007199254740993})").seed, 9007199254740993U);
  EXPECT_EQ(with<GenerationOptions>(R"({"seed": 0})").seed, 0U);
  EXPECT_EQ(with<GenerationOptions>(R"({"seed": -1})").seed, std::nullopt);
  EXPECT_THAT(wrong<GenerationOptions>({{"seed", -2}}),
              StartsWith("seed must be a whole number from 0 to 18446744073709551615 (-1: a new one)"));
}

TEST(Options, BanATokenByNullForWantOfInfinity) {
  const auto options = with<GenerationOptions>(R"({"logitBias": {"7": -1.5, "42": null}})");
  ASSERT_EQ(options.logit_bias.size(), 2U);
  EXPECT_EQ(options.logit_bias[0].token, 7);
  EXPECT_EQ(options.logit_bias[0].bias, -1.5F);
  EXPECT_EQ(options.logit_bias[1].token, 42);
  EXPECT_EQ(options.logit_bias[1].bias, -kInfinity);
  const auto biased = [](const char* token, const ordered_json& bias) {
    return wrong<GenerationOptions>({{"logitBias", {{token, bias}}}});
  };
  EXPECT_THAT(biased("x", 1), HasSubstr("token 'x' is none"));
  EXPECT_THAT(biased("-1", 1), HasSubstr("token '-1' is none"));
  EXPECT_THAT(biased("1", "low"), HasSubstr("'low' is none"));
}

TEST(Options, AreRefusedByNameWithWhatTheyMayBe) {
  EXPECT_EQ(wrong<LoadOptions>({{"threads", 1000000000}}),
            "threads must be a whole number from 1 to 1024 (0: one per physical core), not 1000000000");
  EXPECT_THAT(wrong<LoadOptions>({{"contextSize", -5}}), HasSubstr("contextSize"));
  EXPECT_THAT(wrong<LoadOptions>({{"maxSequences", 0}}), HasSubstr("maxSequences"));
  EXPECT_THAT(wrong<LoadOptions>({{"memoryLimit", UINT64_MAX}}), HasSubstr("memoryLimit"));
  EXPECT_EQ(wrong<LoadOptions>({{"kvType", "q9"}}), "kvType must be one of f16, f32, q8_0, q4_0, not 'q9'");
  EXPECT_THAT(wrong<LoadOptions>({{"kvType", 4}}), HasSubstr("not 4"));
  EXPECT_EQ(wrong<EmbeddingOptions>({{"pooling", "none"}}),
            "pooling must be one of model, mean, cls, last, rank, not 'none'");
  EXPECT_THAT(wrong<GenerationOptions>({{"maxTokens", 0}}),
              AllOf(HasSubstr("maxTokens"), HasSubstr("-1: until the context is full"), HasSubstr("not 0")));
  EXPECT_EQ(wrong<GenerationOptions>({{"temperature", kNan}}),
            "temperature must be a number from 0 to 100 (0: always the likeliest), not nan");
  EXPECT_THAT(wrong<GenerationOptions>({{"topP", 1.01}}), HasSubstr("topP"));
  EXPECT_THAT(wrong<GenerationOptions>({{"repetitionPenalty", 0}}), HasSubstr("repetitionPenalty"));
  EXPECT_EQ(wrong<GenerationOptions>({{"repetitionPenalty", 0.01}}), "");
  EXPECT_EQ(wrong<GenerationOptions>({{"penaltyWindow", -1}}), "");
  for (const ordered_json& value :
       {ordered_json(1.5), ordered_json(1e12), ordered_json(-1), ordered_json(kNan), ordered_json(kInfinity),
        ordered_json("7"), ordered_json(true)}) {
    EXPECT_THAT(wrong<GenerationOptions>({{"topK", value}}),
                StartsWith("topK must be a whole number from 0"));
  }
  EXPECT_THAT(wrong<GenerationOptions>({{"ignoreEnd", 1}}), HasSubstr("ignoreEnd must be true or false"));
  EXPECT_THAT(wrong<GenerationOptions>({{"stop", {"a", ""}}}), HasSubstr("'' is none"));
  EXPECT_THAT(wrong<GenerationOptions>({{"stopTokens", {1, 1.5}}}), HasSubstr("1.5 is none"));
  EXPECT_THAT(wrong<LoadOptions>({{"thread", 1}}),
              StartsWith("there is no option 'thread'; there are contextSize, cachePositions, "));
  EXPECT_EQ(wrong<LoadOptions>(3), "options must be an object, not 3");
}

// What is made of the tables for others.

bool has_range(const Option& option) { return option.type <= OptionType::kSeed; }

/// What check_options of TypeScript calls a type of option, and the type of its values.
std::pair<std::string, std::string> typescript_types(const Option& option) {
  switch (option.type) {
    case OptionType::kInteger:
    case OptionType::kSeed:
      return {"integer", "number"};
    case OptionType::kNumber:
      return {"number", "number"};
    case OptionType::kName:
      return {"name", fmt::format("\"{}\"", fmt::join(option.names, "\" | \""))};
    case OptionType::kText:
      return {"text", "string"};
    case OptionType::kSomeText:
      return {"some text", "string"};
    case OptionType::kJson:
      return {"json", "object | boolean | string"};
    case OptionType::kFlag:
      return {"flag", "boolean"};
    case OptionType::kTexts:
      return {"texts", "string | string[]"};
    case OptionType::kNames:
      return {"names", fmt::format("(\"{}\")[]", fmt::join(option.names, "\" | \""))};
    case OptionType::kTokens:
      return {"tokens", "number[]"};
    case OptionType::kAdapters:
      return {"adapters", "AdapterChoice[]"};
    case OptionType::kBiases:
      return {"biases", "Map<number, number> | Record<number, number>"};
  }
  return {};
}

template <typename Struct>
std::string typescript_interface(std::string_view name, bool internal = false) {
  std::string text = fmt::format("\nexport interface {} {{\n", name);
  for (const auto& option : option_table<Struct>()) {
    if (option.is_internal != internal) continue;
    text += fmt::format("  /** {}. */\n  {}?: {};\n", describe(option), option.name,
                        typescript_types(option).second);
  }
  return text + "}\n";
}

std::string typescript_row(const Option& option) {
  std::string row = fmt::format("  {}: {{ type: \"{}\"", option.name, typescript_types(option).first);
  if (has_range(option)) {
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
  for (const auto& option : option_table<Struct>()) {
    if (!option.is_internal) table += typescript_row(option);
  }
  return table + "} as const satisfies OptionTable;\n";
}

TEST(Options, OfTypeScriptAreThese) {
  const std::string text =
      "/** The engine's options of loading, generating and embedding: made from engine/options by "
      "options_test.cpp. */"
      "\n\nimport type { AdapterChoice, OptionTable } from \"./option.js\";\n" +
      typescript_interface<LoadOptions>("EngineLoadOptions") +
      typescript_interface<GenerationOptions>("SamplingOptions") +
      "\n/** What this package tells the engine; users have no part in it. */" +
      typescript_interface<GenerationOptions>("InternalOptions", true) +
      typescript_interface<EmbeddingOptions>("EmbeddingOptions") +
      typescript_table<LoadOptions>("load_options") +
      typescript_table<GenerationOptions>("generation_options") +
      typescript_table<EmbeddingOptions>("embedding_options");
  testing::expect_generated("packages/core/src/option_table.ts", "", text);
}

/// "max_tokens" of "maxTokens".
std::string python_name(std::string_view name) {
  std::string words;
  for (const char letter : name) {
    const bool begins = letter >= 'A' && letter <= 'Z';
    if (begins) words += '_';
    words += begins ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return words;
}

std::string python_type(const Option& option) {
  const std::string names = fmt::format("Literal[\"{}\"]", fmt::join(option.names, "\", \""));
  switch (option.type) {
    case OptionType::kInteger:
    case OptionType::kSeed:
      return "int";
    case OptionType::kNumber:
      return "float";
    case OptionType::kName:
      return names;
    case OptionType::kText:
    case OptionType::kSomeText:
      return "str";
    case OptionType::kJson:
      return "Schema";
    case OptionType::kFlag:
      return "bool";
    case OptionType::kTexts:
      return "str | Sequence[str]";
    case OptionType::kNames:
      return fmt::format("Sequence[{}]", names);
    case OptionType::kTokens:
      return "Sequence[int]";
    case OptionType::kAdapters:
      return "Sequence[AdapterChoice]";
    case OptionType::kBiases:
      return "Mapping[int, float]";
  }
  return {};
}

template <typename Struct>
std::string python_class(std::string_view name) {
  std::string text = fmt::format("\n\nclass {}(TypedDict, total=False):\n", name);
  for (const auto& option : option_table<Struct>()) {
    if (option.is_internal) continue;
    text += fmt::format("    {}: {}\n    \"\"\"{}.\"\"\"\n", python_name(option.name), python_type(option),
                        describe(option));
  }
  return text;
}

std::string python_row(const Option& option) {
  std::string row =
      fmt::format("    \"{}\": Option(\"{}\"", python_name(option.name), typescript_types(option).first);
  if (has_range(option)) {
    row += fmt::format(", least={}, most={}", option.range.least, option.range.most);
    const auto& [value, meaning] = option.special;
    if (!meaning.empty()) row += fmt::format(", special={}, meaning=\"{}\"", value, meaning);
  }
  if (!option.names.empty()) row += fmt::format(", names=(\"{}\",)", fmt::join(option.names, "\", \""));
  return row + "),\n";
}

template <typename Struct>
std::string python_table(std::string_view name) {
  std::string table = fmt::format("\n{}: dict[str, Option] = {{\n", name);
  for (const auto& option : option_table<Struct>()) {
    if (!option.is_internal) table += python_row(option);
  }
  return table + "}\n";
}

TEST(Options, OfPythonAreThese) {
  const std::string text =
      "\"\"\"The engine's options of loading, generating and embedding: made from engine/options by "
      "options_test.cpp.\"\"\"\n\n# fmt: off\n"
      "from __future__ import annotations\n\nfrom collections.abc import Mapping, Sequence\n"
      "from typing import Literal, TypedDict\n\nfrom ._option import AdapterChoice, Option, Schema\n" +
      python_class<LoadOptions>("LoadOptions") + python_class<GenerationOptions>("SamplingOptions") +
      python_class<EmbeddingOptions>("EmbeddingOptions") + "\n" + python_table<LoadOptions>("LOAD_OPTIONS") +
      python_table<GenerationOptions>("GENERATION_OPTIONS") +
      python_table<EmbeddingOptions>("EMBEDDING_OPTIONS");
  testing::expect_generated("python/src/hearth/_option_table.py", "", text);
}

template <typename Struct>
std::string documented(const OptionOf<Struct>& option) {
  std::string standard;
  if (!option.names.empty()) standard = fmt::format("`{}`", option.names.front());
  if (option.type == OptionType::kFlag && number_in(Struct(), option) != 0) standard = "true";
  if (has_range(option)) {
    const double number = number_in(Struct(), option);
    const auto& [value, meaning] = option.special;
    standard = number == value && !meaning.empty() ? std::string(meaning) : fmt::format("{}", number);
  }
  return fmt::format("| `{}` | {} | {} | {} |\n", option.name, option.help, values_of(option), standard);
}

template <typename Struct>
std::string documentation(std::string_view title) {
  std::string text = fmt::format(
      "\n## {}\n\n| option | what it does | what it may be | by default |\n|---|---|---|---|\n", title);
  for (const auto& option : option_table<Struct>()) {
    if (!option.is_internal) text += documented(option);
  }
  return text;
}

TEST(Options, AreExplainedInTheDocumentation) {
  testing::expect_generated("docs/options.md", "\n## Loading",
                            documentation<LoadOptions>("Loading") +
                                documentation<GenerationOptions>("Generating") +
                                documentation<EmbeddingOptions>("Embedding"));
}

}  // namespace
}  // namespace hearth
