// A key of hearth.yaml: its name, what it may be and what it does, with the member that keeps its value. A
// new key is a member of server_config.h, a line of config_tables.h, and its use: what reads the file, prints
// it and documents it walks the tables.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "apps/serve/config/server_config.h"

namespace hearth::serve {

enum class TextKind : uint8_t {
  kAny,
  kPath,       // a relative one is taken from the folder of the file that it stands in
  kSource,     // of a model: a path like that, hf:OWNER/REPOSITORY or a URL
  kModelName,  // not empty, and each there once
  kOrigin,     // of a server, such as https://example.org
};

struct Setting {
  /// Of numbers, seconds or bytes; both included.
  struct Range {
    double least, most;
  };
  /// A number with a meaning of its own, in the range or outside it; -1 is kForever for times. None where
  /// `meaning` is empty.
  struct Special {
    double value;
    std::string_view meaning;
  };

  std::string_view name;
  std::string_view help;
  Range range = {0, 0};
  Special special = {};
  TextKind kind = TextKind::kAny;
  std::span<const std::string_view> names = {};  // what a text is one of, where there are any
  bool is_required = false;
  std::string_view standard = {};  // what it is where it is not given, if not the member's own value
};

template <typename Section>
struct SettingOf : Setting {
  std::variant<bool Section::*, int64_t Section::*, double Section::*, Duration Section::*,
               std::optional<Duration> Section::*, ByteCount Section::*, std::string Section::*,
               std::vector<std::string> Section::*, nlohmann::ordered_json Section::*, TlsSettings Section::*,
               CorsSettings Section::*, LimitSettings Section::*, WorkflowSettings Section::*,
               LogSettings Section::*, std::vector<ModelSettings> Section::*,
               std::vector<AdapterSettings> Section::*>
      member;
};

/// The keys of a section, for each struct of server_config.h, in the order in which they are printed.
template <typename Section>
std::span<const SettingOf<Section>> setting_table();

/// Whether a number, in seconds or bytes where it is a time or a size, may be the setting's.
bool accepts(const Setting& setting, double value);
/// The same for kForever.
bool accepts_forever(const Setting& setting);

/// What a value of the member's type may be: "a whole number from 0 to 65535 (0: one that is free)".
std::string values_of(const Setting& setting, const bool& member);
std::string values_of(const Setting& setting, const int64_t& member);
std::string values_of(const Setting& setting, const double& member);
std::string values_of(const Setting& setting, const Duration& member);
std::string values_of(const Setting& setting, const std::optional<Duration>& member);
std::string values_of(const Setting& setting, const ByteCount& member);
std::string values_of(const Setting& setting, const std::string& member);
std::string values_of(const Setting& setting, const std::vector<std::string>& member);
std::string values_of(const Setting& setting, const nlohmann::ordered_json& member);
template <typename Section>
std::string values_of(const Setting& /*setting*/, const std::vector<Section>& /*member*/) {
  return "a list of keys with values";
}
template <typename Section>
std::string values_of(const Setting& /*setting*/, const Section& /*member*/) {
  return "keys with values";
}

}  // namespace hearth::serve
