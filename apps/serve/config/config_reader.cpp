#include "apps/serve/config/config_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

#include "apps/serve/config/load_option.h"
#include "apps/workflow/services/http_client.h"
#include "engine/base/escaped.h"
#include "engine/base/nearest_name.h"

namespace hearth::serve {
namespace {

constexpr size_t kMostValues = 20000;
constexpr size_t kLongestText = 4096;
constexpr size_t kLongestName = 256;

/// A scalar without quotes or a tag, whose text says of what type it is.
bool is_plain(const YAML::Node& node) { return node.IsScalar() && node.Tag() == "?"; }

template <typename Number>
std::optional<Number> number_in(const YAML::Node& node) {
  if (!is_plain(node)) return std::nullopt;
  const std::string& text = node.Scalar();
  Number number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<bool> flag_in(const YAML::Node& node) {
  if (!is_plain(node) || (node.Scalar() != "true" && node.Scalar() != "false")) return std::nullopt;
  return node.Scalar() == "true";
}

/// What a scalar says: a flag, a number or a text.
nlohmann::ordered_json json_of(const YAML::Node& node) {
  if (const auto flag = flag_in(node)) return *flag;
  if (const auto integer = number_in<int64_t>(node)) return *integer;
  if (const auto number = number_in<double>(node)) return *number;
  return node.Scalar();
}

bool has_control_characters(std::string_view text) { return escaped(text) != text; }

bool is_elsewhere(std::string_view source) {
  return source.starts_with("hf:") || source.find("://") != std::string_view::npos;
}

}  // namespace

ConfigReader::ConfigReader(const std::filesystem::path& file) : name_(escaped(file.string())) {
  std::error_code ignored;  // without a current folder, paths stay as they are
  folder_ = std::filesystem::absolute(file, ignored).parent_path();
}

Error ConfigReader::error_at(const YAML::Mark& mark, std::string_view message) const {
  if (mark.is_null()) return {ErrorCode::kInvalidArgument, fmt::format("{}: {}", name_, message)};
  return {ErrorCode::kInvalidArgument,
          fmt::format("{}:{}:{}: {}", name_, mark.line + 1, mark.column + 1, message)};
}

std::string ConfigReader::shown(const YAML::Node& node) {
  constexpr size_t kMostShown = 60;
  if (node.IsMap()) return "keys with values";
  if (node.IsSequence()) return "a list";
  if (!node.IsScalar()) return "nothing";
  const std::string& text = node.Scalar();
  const std::string start = escaped(std::string_view(text).substr(0, kMostShown));
  return fmt::format("'{}{}'", start, text.size() > kMostShown ? "..." : "");
}

Result<void> ConfigReader::count(const YAML::Node& node) {
  if (++values_ <= kMostValues) return {};
  return error_at(
      node.Mark(),
      fmt::format("there are more than {} values, those that aliases repeat included", kMostValues));
}

Result<std::string> ConfigReader::read_key(const YAML::Node& key, std::set<std::string>& before) const {
  if (!key.IsScalar()) return error_at(key.Mark(), "a key must be a name, not " + shown(key));
  if (!before.insert(key.Scalar()).second) {
    return error_at(key.Mark(), fmt::format("the key {} is here twice", shown(key)));
  }
  return key.Scalar();
}

Error ConfigReader::unknown_key(const YAML::Node& key, const std::vector<std::string>& known) const {
  return error_at(key.Mark(), fmt::format("there is no key {} here; the nearest is '{}'", shown(key),
                                          nearest_name(key.Scalar(), known)));
}

Result<void> ConfigReader::read(const Setting& setting, const YAML::Node& node, bool& into) {
  HEARTH_TRY(count(node));
  const std::optional<bool> flag = flag_in(node);
  if (!flag) return wrong_value(setting, node, into);
  into = *flag;
  return {};
}

Result<void> ConfigReader::read(const Setting& setting, const YAML::Node& node, int64_t& into) {
  HEARTH_TRY(count(node));
  const auto number = number_in<int64_t>(node);
  if (!number || !accepts(setting, static_cast<double>(*number))) return wrong_value(setting, node, into);
  into = *number;
  return {};
}

Result<void> ConfigReader::read(const Setting& setting, const YAML::Node& node, double& into) {
  HEARTH_TRY(count(node));
  const auto number = number_in<double>(node);
  if (!number || !accepts(setting, *number)) return wrong_value(setting, node, into);
  into = *number;
  return {};
}

Result<void> ConfigReader::read(const Setting& setting, const YAML::Node& node, Duration& into) {
  HEARTH_TRY(count(node));
  const auto duration = node.IsScalar() ? parse_duration(node.Scalar()) : std::nullopt;
  const bool is_right =
      duration && (*duration == kForever ? accepts_forever(setting)
                                         : accepts(setting, static_cast<double>(duration->count()) / 1000));
  if (!is_right) return wrong_value(setting, node, into);
  into = *duration;
  return {};
}

Result<void> ConfigReader::read(const Setting& setting, const YAML::Node& node,
                                std::optional<Duration>& into) {
  return read(setting, node, into.emplace());
}

Result<void> ConfigReader::read(const Setting& setting, const YAML::Node& node, ByteCount& into) {
  HEARTH_TRY(count(node));
  const auto size = node.IsScalar() ? parse_byte_count(node.Scalar()) : std::nullopt;
  if (!size || !accepts(setting, static_cast<double>(size->bytes))) return wrong_value(setting, node, into);
  into = *size;
  return {};
}

Result<std::string> ConfigReader::read_text(const Setting& setting, const YAML::Node& node) {
  HEARTH_TRY(count(node));
  if (!node.IsScalar()) return wrong_value(setting, node, std::string());
  const std::string& text = node.Scalar();
  const auto& names = setting.names;
  const bool is_known = names.empty() || std::find(names.begin(), names.end(), text) != names.end();
  const bool is_name = setting.kind == TextKind::kModelName;
  const bool is_long = text.size() > (is_name ? kLongestName : kLongestText);
  const bool is_missing = text.empty() && (is_name || setting.is_required);
  if (!is_known || is_long || is_missing) return wrong_value(setting, node, std::string());
  if (has_control_characters(text)) {
    return error_at(node.Mark(), fmt::format("{} has a control character: {}", setting.name, shown(node)));
  }
  if (setting.kind == TextKind::kOrigin) {
    if (const auto origin = workflow::origin_of(text); !origin.ok())
      return error_at(node.Mark(), origin.error().message);
  }
  if (is_name && !model_names_.insert(text).second) {
    return error_at(node.Mark(), fmt::format("another model has the name {}, too", shown(node)));
  }
  const bool is_path =
      setting.kind == TextKind::kPath || (setting.kind == TextKind::kSource && !is_elsewhere(text));
  return is_path && !text.empty() ? (folder_ / text).lexically_normal().string() : text;
}

Result<void> ConfigReader::read(const Setting& setting, const YAML::Node& node, std::string& into) {
  HEARTH_ASSIGN(into, read_text(setting, node));
  return {};
}

Result<void> ConfigReader::read(const Setting& setting, const YAML::Node& node,
                                std::vector<std::string>& into) {
  HEARTH_TRY(count(node));
  if (!node.IsSequence()) return wrong_value(setting, node, into);
  into.clear();
  for (const YAML::Node& element : node) {
    HEARTH_ASSIGN(std::string text, read_text(setting, element));
    into.push_back(std::move(text));
  }
  return {};
}

Result<void> ConfigReader::read(const Setting& setting, const YAML::Node& node,
                                nlohmann::ordered_json& into) {
  HEARTH_TRY(count(node));
  if (!node.IsMap()) return wrong_value(setting, node, into);
  into = nlohmann::ordered_json::object();
  std::set<std::string> given;
  for (const auto& entry : node) {
    HEARTH_TRY(count(entry.second));
    HEARTH_ASSIGN(const std::string name, read_key(entry.first, given));
    if (!entry.second.IsScalar()) {
      return error_at(entry.second.Mark(), fmt::format("{} must be a single value, not {}",
                                                       shown(entry.first), shown(entry.second)));
    }
    const nlohmann::ordered_json value = json_of(entry.second);
    if (const auto checked = check_load_option(name, value); !checked.ok()) {
      return error_at(entry.first.Mark(), escaped(checked.error().message));
    }
    into[name] = value;
  }
  return {};
}

}  // namespace hearth::serve
