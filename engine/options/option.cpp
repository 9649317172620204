#include "engine/options/option.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

namespace hearth {

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
  const auto& [special, meaning] = option.special;
  const std::string exception = meaning.empty() ? "" : fmt::format(" ({}: {})", special, meaning);
  switch (option.type) {
    case OptionType::kInteger:
      return fmt::format("a whole number from {} to {}{}", option.range.least, option.range.most, exception);
    case OptionType::kNumber:
      return fmt::format("a number from {} to {}{}", option.range.least, option.range.most, exception);
    case OptionType::kSeed:
      return fmt::format("a whole number from 0 to {}{}", UINT64_MAX, exception);
    case OptionType::kName:
      return fmt::format("one of {}", fmt::join(option.names, ", "));
    case OptionType::kText:
      return "a text";
    case OptionType::kSomeText:
      return "a text that is not empty";
    case OptionType::kJson:
      return "a JSON object, true or false, or the text of one";
    case OptionType::kFlag:
      return "true or false";
    case OptionType::kTexts:
      return "a text or an array of texts, none of them empty";
    case OptionType::kNames:
      return fmt::format("an array of different names among {}", fmt::join(option.names, ", "));
    case OptionType::kTokens:
      return "an array of tokens, which are whole numbers from 0";
    case OptionType::kAdapters:
      return "an array of objects, each with the id of an adapter and, where it is not 1, its scale";
    case OptionType::kBiases:
      return "an object with a number, or null for minus infinity, for each token";
  }
  return "";
}

std::string describe(const Option& option, double standard) {
  std::string text(option.help);
  if (option.type == OptionType::kName) {
    return fmt::format("{}: {}; by default {}", text, fmt::join(option.names, ", "), option.names.front());
  }
  if (option.type == OptionType::kNames) {
    return fmt::format("{}; by default {}", text, fmt::join(option.names, ", "));
  }
  if (option.type > OptionType::kSeed) return text;
  const auto& [special, meaning] = option.special;
  const bool is_special = standard == special && !meaning.empty() && special < option.range.least;
  if (option.range.most < kMost32) text += fmt::format(", {} to {}", option.range.least, option.range.most);
  if (!meaning.empty() && !is_special) text += fmt::format(" ({}: {})", special, meaning);
  return text + "; by default " + (is_special ? std::string(meaning) : fmt::format("{}", standard));
}

Error wrong_value(const Option& option, std::string_view called, std::string_view given) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("{} must be {}, not {}", called, values_of(option), given)};
}

}  // namespace hearth
