#include "apps/serve/config/print_config.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <type_traits>
#include <variant>

#include "apps/serve/config/config_tables.h"

namespace hearth::serve {
namespace {

using Json = nlohmann::ordered_json;

/// In quotes. JSON's texts are YAML's, too.
std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What stands behind the colon: one for each type of member, `indent` being the key's own.

std::string value_text(const bool& value, const std::string& /*indent*/) {
  return value ? " true" : " false";
}
std::string value_text(const int64_t& value, const std::string& /*indent*/) {
  return fmt::format(" {}", value);
}
std::string value_text(const double& value, const std::string& /*indent*/) {
  return fmt::format(" {}", value);
}
std::string value_text(const Duration& value, const std::string& /*indent*/) { return " " + to_text(value); }
std::string value_text(const ByteCount& value, const std::string& /*indent*/) { return " " + to_text(value); }
std::string value_text(const std::string& value, const std::string& /*indent*/) {
  return " " + quoted(value);
}

std::string value_text(const std::optional<Duration>& value, const std::string& /*indent*/) {
  return value ? " " + to_text(*value) : "";
}

std::string value_text(const std::vector<std::string>& value, const std::string& indent) {
  if (value.empty()) return " []";
  std::string text;
  for (const std::string& element : value) text += fmt::format("\n{}  - {}", indent, quoted(element));
  return text;
}

std::string value_text(const Json& value, const std::string& indent) {
  if (value.empty()) return " {}";
  std::string text;
  for (const auto& [name, option] : value.items()) {
    text += fmt::format("\n{}  {}: {}", indent, name, option.dump());
  }
  return text;
}

template <typename Section>
std::string section_text(const Section& section, const std::string& indent);

template <typename Section>
std::string value_text(const Section& value, const std::string& indent) {
  return "\n" + section_text(value, indent + "  ");
}

template <typename Section>
std::string value_text(const std::vector<Section>& value, const std::string& indent) {
  if (value.empty()) return " []";
  std::string text;
  for (const Section& element : value)
    text += fmt::format("\n{}  -\n{}", indent, section_text(element, indent + "    "));
  return text;
}

bool is_absent(const std::optional<Duration>& value) { return !value; }
template <typename Value>
bool is_absent(const Value& /*value*/) {
  return false;
}

/// Lines without the last one's end.
template <typename Section>
std::string section_text(const Section& section, const std::string& indent) {
  std::string text;
  for (const SettingOf<Section>& setting : setting_table<Section>()) {
    std::visit(
        [&](auto member) {
          const auto& value = section.*member;
          if (!text.empty()) text += "\n";
          text += fmt::format("{}# {}: {}", indent, setting.help, values_of(setting, value));
          if (!setting.standard.empty()) text += fmt::format("; by default {}", setting.standard);
          const char* mark = is_absent(value) ? "# " : "";
          text += fmt::format("\n{}{}{}:{}", indent, mark, setting.name, value_text(value, indent));
        },
        setting.member);
  }
  return text;
}

}  // namespace

std::string print_config(const ServerConfig& config) { return section_text(config, "") + "\n"; }

}  // namespace hearth::serve
