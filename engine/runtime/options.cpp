#include "engine/runtime/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

namespace hearth {
namespace {

using Range = Option::Range;
using Special = Option::Special;
using LoadStruct = hearth_model_options;
using GenerationStruct = hearth_generation_options;

constexpr double kMost32 = 2147483647;  // of int32_t
constexpr double kMostExact =
    9007199254740991;  // of the integers that a double holds, as JavaScript's numbers
constexpr std::array<std::string_view, 4> kKvTypes{"f16", "f32", "q8_0", "q4_0"};

constexpr Option integer(std::string_view name, Range range, double standard, std::string_view help,
                         Special special = {}) {
  return {name, OptionType::kInteger, help, range, standard, special};
}

constexpr Option number(std::string_view name, Range range, double standard, std::string_view help,
                        Special special = {}) {
  return {name, OptionType::kNumber, help, range, standard, special};
}

constexpr Option flag(std::string_view name, std::string_view help) {
  return {name, OptionType::kFlag, help, {0, 1}};
}

constexpr Option other(std::string_view name, OptionType type, std::string_view help) {
  return {name, type, help};
}

const OptionOf<LoadStruct> kLoadOptions[] = {
    {integer("contextSize", {1, 1 << 24}, 0, "Positions of one conversation",
             {0, "what the model was trained for, within 512 and 4096"}),
     &LoadStruct::context_size},
    {integer("cachePositions", {1, kMost32}, 0, "Positions of all conversations together",
             {0, "as the context size"}),
     &LoadStruct::cache_positions},
    {integer("maxSequences", {1, 65536}, 32, "Requests that run at once; more wait"),
     &LoadStruct::max_sequences},
    {integer("maxBatchRows", {1, 65536}, 0, "Tokens computed together", {0, "chosen for the model"}),
     &LoadStruct::max_batch_rows},
    {integer("threads", {1, 1024}, 0, "Threads that compute", {0, "one per physical core"}),
     &LoadStruct::threads},
    {{"kvType", OptionType::kName, "Type in which keys and values are kept", {0, 0}, 0, {}, kKvTypes},
     &LoadStruct::kv_type},
    {other("instructionSet", OptionType::kText,
           "portable, avx2, avx512_vnni or neon_dot; by default the best there is"),
     &LoadStruct::instruction_set},
    {integer("memoryLimit", {1, kMostExact}, 0, "Bytes of weights in memory at most", {0, "no limit"}),
     &LoadStruct::memory_limit},
};

const OptionOf<GenerationStruct> kGenerationOptions[] = {
    {integer("maxTokens", {1, kMost32}, -1, "Longest answer, in tokens", {-1, "until the context is full"}),
     &GenerationStruct::max_tokens},
    {number("temperature", {0, 100}, 0.8, "How freely tokens are drawn", {0, "always the likeliest"}),
     &GenerationStruct::temperature},
    {integer("topK", {0, kMost32}, 40, "Choose among the k likeliest", {0, "all"}), &GenerationStruct::top_k},
    {number("topP", {0, 1}, 0.95, "Choose among the likeliest that make up p of the probability"),
     &GenerationStruct::top_p},
    {number("minP", {0, 1}, 0.05, "Choose among those at least so probable, relative to the likeliest"),
     &GenerationStruct::min_p},
    {number("repetitionPenalty", {0.01, 100}, 1, "Divide the logits of recent tokens", {1, "none"}),
     &GenerationStruct::repetition_penalty},
    {number("frequencyPenalty", {-100, 100}, 0, "Lower logits for each recent occurrence"),
     &GenerationStruct::frequency_penalty},
    {number("presencePenalty", {-100, 100}, 0, "Lower the logits of recent tokens once"),
     &GenerationStruct::presence_penalty},
    {integer("penaltyWindow", {0, kMost32}, 64, "Tokens that penalties look back at", {-1, "all"}),
     &GenerationStruct::penalty_window},
    {{"seed", OptionType::kSeed, "The same seed gives the same text", {0, kMostExact}, -1, {-1, "a new one"}},
     &GenerationStruct::seed},
    {other("stop", OptionType::kTexts, "End the answer before this text"), {}},
    {other("stopTokens", OptionType::kTokens, "End the answer at these tokens, too"), {}},
    {other("logitBias", OptionType::kBiases, "Added to the logits of tokens; minus infinity bans one"), {}},
    {flag("ignoreEnd", "Go on past the model's own end tokens"), &GenerationStruct::ignore_end},
};

/// Whether a member holds what it may; a seed may be anything. `shown` is what it holds.
template <typename Struct>
bool is_sound(const Struct& options, const OptionOf<Struct>& option, std::string& shown) {
  return std::visit(
      [&](const auto& member) {
        using Member = std::decay_t<decltype(member)>;
        if constexpr (std::is_same_v<Member, std::monostate>) {
          return true;
        } else if constexpr (std::is_same_v<Member, const char * Struct::*>) {
          const char* name = options.*member;
          if (option.type != OptionType::kName || name == nullptr) return true;
          shown = fmt::format("'{}'", name);
          return std::find(option.names.begin(), option.names.end(), name) != option.names.end();
        } else {
          if (option.type != OptionType::kInteger && option.type != OptionType::kNumber) return true;
          shown = fmt::format("{}", options.*member);
          return accepts(option, static_cast<double>(options.*member));
        }
      },
      option.member);
}

template <typename Struct>
void put(Struct& options, const OptionOf<Struct>& option, double value) {
  if constexpr (std::is_same_v<Struct, GenerationStruct>) {
    if (option.type == OptionType::kSeed) {
      options.use_seed = value < 0 ? 0 : 1;
      value = std::max(value, 0.0);
    }
  }
  std::visit(
      [&](const auto& member) {
        using Member = std::decay_t<decltype(member)>;
        if constexpr (!std::is_same_v<Member, std::monostate> &&
                      !std::is_same_v<Member, const char * Struct::*>) {
          options.*member = static_cast<std::decay_t<decltype(options.*member)>>(value);
        }
      },
      option.member);
}

}  // namespace

template <>
std::span<const OptionOf<LoadStruct>> option_table() {
  return kLoadOptions;
}

template <>
std::span<const OptionOf<GenerationStruct>> option_table() {
  return kGenerationOptions;
}

bool is_number(const Option& option) {
  return option.type == OptionType::kInteger || option.type == OptionType::kNumber ||
         option.type == OptionType::kSeed || option.type == OptionType::kFlag;
}

bool accepts(const Option& option, double value) {
  if (!option.special.meaning.empty() && value == option.special.value) return true;
  // Bounds are as exact as the values that are kept.
  if (option.type == OptionType::kNumber) {
    const auto kept = static_cast<float>(value);
    return kept >= static_cast<float>(option.range.least) && kept <= static_cast<float>(option.range.most);
  }
  return value >= option.range.least && value <= option.range.most && std::trunc(value) == value;
}

std::string values_of(const Option& option) {
  switch (option.type) {
    case OptionType::kInteger:
    case OptionType::kNumber:
    case OptionType::kSeed: {
      std::string values =
          fmt::format("{} from {} to {}", option.type == OptionType::kNumber ? "a number" : "a whole number",
                      option.range.least, option.range.most);
      const auto& [value, meaning] = option.special;
      if (!meaning.empty()) values += fmt::format(" ({}: {})", value, meaning);
      return values;
    }
    case OptionType::kName:
      return fmt::format("one of {}", fmt::join(option.names, ", "));
    case OptionType::kText:
      return "a text";
    case OptionType::kFlag:
      return "true or false";
    case OptionType::kTexts:
      return "texts";
    case OptionType::kTokens:
      return "tokens";
    case OptionType::kBiases:
      return "tokens with a number each";
  }
  return "";
}

std::string describe(const Option& option) {
  std::string text(option.help);
  if (option.type == OptionType::kName) {
    return fmt::format("{}: {}; by default {}", text, fmt::join(option.names, ", "), option.names.front());
  }
  if (!is_number(option) || option.type == OptionType::kFlag) return text;
  const auto& [value, meaning] = option.special;
  const bool is_special = option.standard == value && !meaning.empty() && value < option.range.least;
  if (option.range.most < kMost32) text += fmt::format(", {} to {}", option.range.least, option.range.most);
  if (!meaning.empty() && !is_special) text += fmt::format(" ({}: {})", value, meaning);
  return text + "; by default " + (is_special ? std::string(meaning) : fmt::format("{}", option.standard));
}

Error wrong_value(const Option& option, std::string_view called, std::string_view given) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("{} must be {}, not {}", called, values_of(option), given)};
}

template <typename Struct>
Result<void> set_option(Struct& options, const OptionOf<Struct>& option, double value) {
  if (!accepts(option, value)) return wrong_value(option, option.name, fmt::format("{}", value));
  put(options, option, value);
  return {};
}

template <typename Struct>
Result<void> check_options(const Struct& options) {
  for (const OptionOf<Struct>& option : option_table<Struct>()) {
    std::string shown;
    if (!is_sound(options, option, shown)) return wrong_value(option, option.name, shown);
  }
  return {};
}

template <typename Struct>
void set_defaults(Struct& options) {
  for (const OptionOf<Struct>& option : option_table<Struct>()) {
    if (is_number(option)) put(options, option, option.standard);
    if (option.type == OptionType::kName) {
      options.*std::get<const char * Struct::*>(option.member) = option.names.front().data();
    }
  }
}

template Result<void> set_option(LoadStruct& options, const OptionOf<LoadStruct>& option, double value);
template Result<void> set_option(GenerationStruct& options, const OptionOf<GenerationStruct>& option,
                                 double value);
template Result<void> check_options(const LoadStruct& options);
template Result<void> check_options(const GenerationStruct& options);
template void set_defaults(LoadStruct& options);
template void set_defaults(GenerationStruct& options);

}  // namespace hearth
