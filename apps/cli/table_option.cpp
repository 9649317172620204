#include "apps/cli/table_option.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/input.h"

namespace hearth::cli {
namespace {

/// All of the text as a number of that type, in decimal.
template <typename T>
std::optional<T> decimal_of(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, value);
  return problem == std::errc() && stopped == end ? std::optional(value) : std::nullopt;
}

/// Different ones of `known`, between commas; none in an empty text.
std::optional<GivenOptions> names_of(std::string_view text, std::span<const std::string_view> known) {
  GivenOptions names = GivenOptions::array();
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), name.size() + 1));
    if (std::find(known.begin(), known.end(), name) == known.end()) return std::nullopt;
    if (std::find(names.begin(), names.end(), name) != names.end()) return std::nullopt;
    names.push_back(name);
  }
  return names;
}

/// What a text says as the option's value. INVALID_ARGUMENT where it is none.
std::optional<GivenOptions> value_of(const Option& option, const std::string& text) {
  switch (option.type) {
    case OptionType::kInteger:
      if (const auto value = decimal_of<int64_t>(text);
          value && accepts(option, static_cast<double>(*value))) {
        return *value;
      }
      return std::nullopt;
    case OptionType::kNumber:
      if (const auto value = decimal_of<double>(text); value && accepts(option, *value)) return *value;
      return std::nullopt;
    case OptionType::kSeed:
      if (const auto value = decimal_of<uint64_t>(text)) return *value;
      if (text == "-1") return -1;
      return std::nullopt;
    case OptionType::kName:
      for (const std::string_view name : option.names) {
        if (name == text) return text;
      }
      return std::nullopt;
    case OptionType::kNames:
      return names_of(text, option.names);
    case OptionType::kSomeText:
      if (text.empty()) return std::nullopt;
      return text;
    default:
      return text;
  }
}

/// The text that is given, or the file that it names.
std::string text_of(const Option& option, const std::string& argument) {
  if (!option.is_file) return argument;
  const Result<std::string> bytes = read_input(argument);
  if (!bytes.ok()) leave_on_error(bytes.error());
  return plain_text(*bytes);
}

CLI::Validator checked(const Option& option) {
  return {[option](std::string& text) {
            return value_of(option, text) ? std::string()
                                          : fmt::format("it must be {}, not '{}'", values_of(option), text);
          },
          ""};
}

/// --top-k for topK; some have shorter ones.
std::string flags_of(std::string_view name) {
  if (name == "maxTokens") return "-n,--max-tokens";
  if (name == "threads") return "-t,--threads";
  if (name == "contextSize") return "--context";
  if (name == "choices") return "--choice";
  std::string flag = "--";
  for (const char letter : name) {
    const auto code = static_cast<unsigned char>(letter);
    if (std::isupper(code) != 0) flag += '-';
    flag += static_cast<char>(std::tolower(code));
  }
  return flag;
}

const char* type_name(const Option& option) {
  if (option.is_file) return "FILE";
  if (option.type == OptionType::kNumber) return "FLOAT";
  if (option.type == OptionType::kNames) return "NAME,...";
  return option.type == OptionType::kInteger || option.type == OptionType::kSeed ? "INT" : "TEXT";
}

}  // namespace

CLI::Validator whole_number(int64_t least, int64_t most) {
  const Option option = Option::integer("", {static_cast<double>(least), static_cast<double>(most)}, "");
  return {[option](std::string& text) -> std::string {
            const auto value = value_of(option, text);
            if (!value) return fmt::format("it must be {}, not '{}'", values_of(option), text);
            text = value->dump();  // for CLI11, 010 is eight
            return "";
          },
          ""};
}

void add_option(CLI::App& command, const Option& option, const std::string& help, const std::string& group,
                GivenOptions& given) {
  const std::string flags = flags_of(option.name);
  GivenOptions& value = given;
  const std::string name(option.name);
  switch (option.type) {
    case OptionType::kTokens:
    case OptionType::kBiases:
    case OptionType::kAdapters:
      return;
    case OptionType::kFlag:
      command
          .add_flag_callback(
              flags, [&value, name] { value[name] = true; }, help)
          ->group(group);
      return;
    case OptionType::kTexts:
      command
          .add_option_function<std::vector<std::string>>(
              flags, [&value, name](const std::vector<std::string>& texts) { value[name] = texts; },
              help + "; may be given several times")
          ->allow_extra_args(false)
          ->group(group);
      return;
    default:
      command
          .add_option_function<std::string>(
              flags,
              [&value, name, option](const std::string& text) {
                value[name] = *value_of(option, text_of(option, text));
              },
              help)
          ->check(checked(option))
          ->type_name(type_name(option))
          ->group(group);
  }
}

}  // namespace hearth::cli
