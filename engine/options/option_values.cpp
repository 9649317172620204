#include "engine/options/option_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

#include "engine/text/json_text.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

/// As messages show it.
std::string shown(const ordered_json& value) {
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  if (value.is_string()) return fmt::format("'{}'", value.get_ref<const std::string&>());
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  // An integer beyond 64 bits (engine/text/json_text.h): its digits.
  if (value.is_binary()) return {value.get_binary().begin(), value.get_binary().end()};
  return value.dump();
}

Error refused(const Option& option, const ordered_json& value) {
  return wrong_value(option, option.name, shown(value));
}

template <typename T>
Result<void> read_number(const Option& option, const ordered_json& value, T& into) {
  if (!value.is_number() || !accepts(option, value.get<double>())) return refused(option, value);
  into = static_cast<T>(value.get<double>());
  return {};
}

std::optional<int32_t> token_of(const ordered_json& value) {
  const double number = value.is_number() ? value.get<double>() : -1;
  if (!(number >= 0 && number <= kMost32 && std::trunc(number) == number)) return std::nullopt;
  return static_cast<int32_t>(number);
}

std::optional<int32_t> token_named(std::string_view text) {
  int32_t token = -1;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), token);
  if (problem != std::errc() || end != text.data() + text.size() || token < 0) return std::nullopt;
  return token;
}

Error wrong_element(const Option& option, std::string_view given) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("{} must be {}, and {} is none", option.name, values_of(option), given)};
}

// One for each type of member.

Result<void> read(const Option& option, const ordered_json& value, int32_t& into) {
  return read_number(option, value, into);
}

Result<void> read(const Option& option, const ordered_json& value, uint64_t& into) {
  return read_number(option, value, into);
}

Result<void> read(const Option& option, const ordered_json& value, float& into) {
  return read_number(option, value, into);
}

Result<void> read(const Option& option, const ordered_json& value, std::optional<uint64_t>& into) {
  if (value.is_number_unsigned()) {
    into = value.get<uint64_t>();
    return {};
  }
  double number = -1;
  HEARTH_TRY(read_number(option, value, number));
  into = number < 0 ? std::nullopt : std::optional(static_cast<uint64_t>(number));
  return {};
}

Result<void> read(const Option& option, const ordered_json& value, bool& into) {
  if (!value.is_boolean()) return refused(option, value);
  into = value.get<bool>();
  return {};
}

Result<void> read(const Option& option, const ordered_json& value, std::string& into) {
  const bool is_json = option.type == OptionType::kJson && (value.is_object() || value.is_boolean());
  if (!value.is_string() && !is_json) return refused(option, value);
  std::string text = is_json ? write_json(value) : value.get<std::string>();
  const bool is_known = std::find(option.names.begin(), option.names.end(), text) != option.names.end();
  if (option.type == OptionType::kName && !is_known) return refused(option, value);
  const bool may_be_empty = option.type == OptionType::kText;
  if (text.empty() && !may_be_empty) return refused(option, value);
  into = std::move(text);
  return {};
}

Result<void> read(const Option& option, const ordered_json& value, BlockType& into) {
  const std::string name = value.is_string() ? value.get<std::string>() : "";
  const auto type = find_block_type(name);
  if (!type || std::find(option.names.begin(), option.names.end(), name) == option.names.end()) {
    return refused(option, value);
  }
  into = *type;
  return {};
}

Result<void> read_names(const Option& option, const ordered_json& value, std::vector<std::string>& into) {
  if (!value.is_array()) return refused(option, value);
  std::vector<std::string> names;
  for (const ordered_json& element : value) {
    const std::string name = element.is_string() ? element.get<std::string>() : "";
    if (std::find(option.names.begin(), option.names.end(), name) == option.names.end()) {
      return wrong_element(option, shown(element));
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{} has '{}' twice; each may be there once", option.name, name)};
    }
    names.push_back(name);
  }
  into = std::move(names);
  return {};
}

Result<void> read(const Option& option, const ordered_json& value, std::vector<std::string>& into) {
  if (option.type == OptionType::kNames) return read_names(option, value, into);
  std::vector<std::string> texts;
  for (const ordered_json& text : value.is_array() ? value : ordered_json::array({value})) {
    if (!text.is_string() || text.get_ref<const std::string&>().empty()) {
      return wrong_element(option, shown(text));
    }
    texts.push_back(text.get<std::string>());
  }
  into = std::move(texts);
  return {};
}

Result<void> read(const Option& option, const ordered_json& value, std::vector<int32_t>& into) {
  if (!value.is_array()) return refused(option, value);
  std::vector<int32_t> tokens;
  for (const ordered_json& element : value) {
    const auto token = token_of(element);
    if (!token) return wrong_element(option, shown(element));
    tokens.push_back(*token);
  }
  into = std::move(tokens);
  return {};
}

Result<void> read(const Option& option, const ordered_json& value, std::vector<LogitBias>& into) {
  if (!value.is_object()) return refused(option, value);
  std::vector<LogitBias> biases;
  for (const auto& [key, bias] : value.items()) {
    const auto token = token_named(key);
    if (!token) return wrong_element(option, fmt::format("token '{}'", key));
    if (!bias.is_number() && !bias.is_null()) return wrong_element(option, shown(bias));
    biases.push_back({*token, bias.is_null() ? -std::numeric_limits<float>::infinity() : bias.get<float>()});
  }
  into = std::move(biases);
  return {};
}

Result<void> read(const Option& option, const ordered_json& value, std::vector<AdapterChoice>& into) {
  if (!value.is_array()) return refused(option, value);
  std::vector<AdapterChoice> choices;
  for (const ordered_json& element : value) {
    AdapterChoice choice{-1, 1.0F};
    if (!element.is_object()) return wrong_element(option, shown(element));
    for (const auto& [key, member] : element.items()) {
      const auto id = key == "id" ? token_of(member) : std::nullopt;
      if (!id && !(key == "scale" && member.is_number())) {
        return wrong_element(option, fmt::format("{} {}", key, shown(member)));
      }
      if (id) choice.id = *id;
      if (key == "scale") choice.scale = member.get<float>();
    }
    if (choice.id < 0 || !std::isfinite(choice.scale)) return wrong_element(option, element.dump());
    choices.push_back(choice);
  }
  into = std::move(choices);
  return {};
}

template <typename Struct>
std::string names_of() {
  std::string names;
  for (const Option& option : option_table<Struct>()) {
    if (!option.is_internal) names += (names.empty() ? "" : ", ") + std::string(option.name);
  }
  return names;
}

}  // namespace

double decimal(float value) { return std::strtod(fmt::format("{}", value).c_str(), nullptr); }

template <typename Struct>
Result<const OptionOf<Struct>*> find_option(std::string_view name) {
  for (const OptionOf<Struct>& option : option_table<Struct>()) {
    if (option.name == name) return &option;
  }
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("there is no option '{}'; there are {}", name, names_of<Struct>())};
}

template <typename Struct>
Result<void> set_option(Struct& options, const OptionOf<Struct>& option, const ordered_json& value) {
  return std::visit([&](auto member) { return read(option, value, options.*member); }, option.member);
}

template <typename Struct>
Result<void> set_options(Struct& options, const ordered_json& values) {
  if (!values.is_object()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("options must be an object, not {}", shown(values))};
  }
  for (const auto& [name, value] : values.items()) {
    HEARTH_ASSIGN(const OptionOf<Struct>* option, find_option<Struct>(name));
    HEARTH_TRY(set_option(options, *option, value));
  }
  return {};
}

template <typename Struct>
double number_in(const Struct& options, const OptionOf<Struct>& option) {
  return std::visit(
      [&](auto member) -> double {
        const auto& value = options.*member;
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, float>) {
          return decimal(value);
        } else if constexpr (std::is_same_v<Value, std::optional<uint64_t>>) {
          return value ? static_cast<double>(*value) : -1;
        } else if constexpr (std::is_arithmetic_v<Value>) {
          return static_cast<double>(value);
        } else {
          return 0;
        }
      },
      option.member);
}

template Result<const OptionOf<LoadOptions>*> find_option(std::string_view);
template Result<void> set_option(LoadOptions&, const OptionOf<LoadOptions>&, const ordered_json&);
template Result<void> set_options(LoadOptions&, const ordered_json&);
template double number_in(const LoadOptions&, const OptionOf<LoadOptions>&);
template Result<const OptionOf<GenerationOptions>*> find_option(std::string_view);
template Result<void> set_option(GenerationOptions&, const OptionOf<GenerationOptions>&, const ordered_json&);
template Result<void> set_options(GenerationOptions&, const ordered_json&);
template double number_in(const GenerationOptions&, const OptionOf<GenerationOptions>&);
template Result<const OptionOf<EmbeddingOptions>*> find_option(std::string_view);
template Result<void> set_option(EmbeddingOptions&, const OptionOf<EmbeddingOptions>&, const ordered_json&);
template Result<void> set_options(EmbeddingOptions&, const ordered_json&);
template double number_in(const EmbeddingOptions&, const OptionOf<EmbeddingOptions>&);

}  // namespace hearth
