// Reads a section of hearth.yaml by its table: each value is checked and kept, or refused with its place.
#pragma once

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "apps/serve/config/config_tables.h"
#include "engine/base/result.h"

namespace hearth::serve {

class ConfigReader {
 public:
  /// `file` names the text in messages, and relative paths start from its folder.
  explicit ConfigReader(const std::filesystem::path& file);

  /// INVALID_ARGUMENT for what the section's table does not have, has twice, or must have.
  template <typename Section>
  Result<void> read_section(const YAML::Node& node, Section& section);

  /// The names and aliases of all models that were read.
  const std::set<std::string>& model_names() const { return model_names_; }

  /// INVALID_ARGUMENT: "FILE:LINE:COLUMN: message".
  Error error_at(const YAML::Mark& mark, std::string_view message) const;

 private:
  // One for each type of member.
  Result<void> read(const Setting& setting, const YAML::Node& node, bool& into);
  Result<void> read(const Setting& setting, const YAML::Node& node, int64_t& into);
  Result<void> read(const Setting& setting, const YAML::Node& node, double& into);
  Result<void> read(const Setting& setting, const YAML::Node& node, Duration& into);
  Result<void> read(const Setting& setting, const YAML::Node& node, std::optional<Duration>& into);
  Result<void> read(const Setting& setting, const YAML::Node& node, ByteCount& into);
  Result<void> read(const Setting& setting, const YAML::Node& node, std::string& into);
  Result<void> read(const Setting& setting, const YAML::Node& node, std::vector<std::string>& into);
  Result<void> read(const Setting& setting, const YAML::Node& node, nlohmann::ordered_json& into);
  template <typename Section>
  Result<void> read(const Setting& setting, const YAML::Node& node, std::vector<Section>& into);
  template <typename Section>
  Result<void> read(const Setting& /*setting*/, const YAML::Node& node, Section& into) {
    return read_section(node, into);
  }

  /// A text that stands for itself, not for a number or nothing.
  Result<std::string> read_text(const Setting& setting, const YAML::Node& node);
  /// The name of a key, which has not been in `before`, and now is.
  Result<std::string> read_key(const YAML::Node& key, std::set<std::string>& before) const;
  /// Counts a value, wherever an alias brought it from: few bytes of aliases make any number of them.
  Result<void> count(const YAML::Node& node);
  Error unknown_key(const YAML::Node& key, const std::vector<std::string>& known) const;
  template <typename Member>
  Error wrong_value(const Setting& setting, const YAML::Node& node, const Member& member) const {
    return error_at(node.Mark(), std::string(setting.name) + " must be " + values_of(setting, member) +
                                     ", not " + shown(node));
  }
  static std::string shown(const YAML::Node& node);

  std::string name_;
  std::filesystem::path folder_;
  std::set<std::string> model_names_;
  size_t values_ = 0;
};

template <typename Section>
Result<void> ConfigReader::read_section(const YAML::Node& node, Section& section) {
  HEARTH_TRY(count(node));
  if (!node.IsMap()) return error_at(node.Mark(), "keys with values must stand here, not " + shown(node));
  const auto table = setting_table<Section>();
  std::set<std::string> given;
  for (const auto& entry : node) {
    HEARTH_ASSIGN(const std::string name, read_key(entry.first, given));
    const auto setting =
        std::find_if(table.begin(), table.end(), [&](const Setting& known) { return known.name == name; });
    if (setting == table.end()) {
      std::vector<std::string> known;
      for (const Setting& one : table) known.emplace_back(one.name);
      return unknown_key(entry.first, known);
    }
    HEARTH_TRY(std::visit([&](auto member) { return read(*setting, entry.second, section.*member); },
                          setting->member));
  }
  for (const Setting& setting : table) {
    if (setting.is_required && !given.contains(std::string(setting.name))) {
      return error_at(node.Mark(), "the key '" + std::string(setting.name) + "' is missing here");
    }
  }
  return {};
}

template <typename Section>
Result<void> ConfigReader::read(const Setting& setting, const YAML::Node& node, std::vector<Section>& into) {
  HEARTH_TRY(count(node));
  if (!node.IsSequence()) return wrong_value(setting, node, into);
  into.clear();
  for (const YAML::Node& element : node) HEARTH_TRY(read_section(element, into.emplace_back()));
  return {};
}

}  // namespace hearth::serve
