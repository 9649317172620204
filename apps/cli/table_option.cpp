#include "apps/cli/table_option.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace hearth::cli {
namespace {

/// All of the text as a number of that type, in decimal.
template <typename T>
std::optional<T> decimal(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, value);
  return problem == std::errc() && stopped == end ? std::optional(value) : std::nullopt;
}

/// Writes a whole number as CLI11 reads it, for which 010 is eight.
template <typename T>
bool keep(std::optional<T> value, std::string& text) {
  if (value) text = fmt::format("{}", *value);
  return value.has_value();
}

bool is_value_of(const Option& option, std::string& text) {
  if (option.type == OptionType::kName) {
    return std::find(option.names.begin(), option.names.end(), text) != option.names.end();
  }
  if (option.type == OptionType::kSeed) {
    return text == fmt::format("{}", option.special.value) || keep(decimal<uint64_t>(text), text);
  }
  if (option.type == OptionType::kNumber) {
    const auto value = decimal<double>(text);
    return value && accepts(option, *value);
  }
  const auto value = decimal<int64_t>(text);
  return value && accepts(option, static_cast<double>(*value)) && keep(value, text);
}

}  // namespace

CLI::Validator value_of(const Option& option) {
  const auto& [value, meaning] = option.special;
  const std::string values =
      option.type == OptionType::kSeed
          ? fmt::format("a whole number from 0 to {} ({}: {})", UINT64_MAX, value, meaning)
          : values_of(option);
  return CLI::Validator(
      [option, values](std::string& text) {
        const std::string given = text;
        return is_value_of(option, text) ? std::string()
                                         : fmt::format("it must be {}, not '{}'", values, given);
      },
      "");
}

CLI::Validator whole_number(int64_t least, int64_t most) {
  return value_of({"", OptionType::kInteger, "", {static_cast<double>(least), static_cast<double>(most)}});
}

}  // namespace hearth::cli
