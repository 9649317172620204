#include "apps/serve/config/setting.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hearth::serve {
namespace {

std::string with_special(const Setting& setting, std::string values) {
  const auto& [special, meaning] = setting.special;
  return meaning.empty() ? values : fmt::format("{} ({}: {})", values, special, meaning);
}

std::string time_text(double seconds) {
  return to_text(Duration(static_cast<Duration::rep>(seconds * 1000)));
}

std::string size_text(double bytes) { return to_text(ByteCount{static_cast<uint64_t>(bytes)}); }

}  // namespace

bool accepts(const Setting& setting, double value) {
  if (!setting.special.meaning.empty() && value == setting.special.value) return true;
  return value >= setting.range.least && value <= setting.range.most;
}

bool accepts_forever(const Setting& setting) {
  return !setting.special.meaning.empty() && setting.special.value == -1;
}

std::string values_of(const Setting& /*setting*/, const bool& /*member*/) { return "true or false"; }

std::string values_of(const Setting& setting, const int64_t& /*member*/) {
  return with_special(setting, fmt::format("a whole number from {} to {}", setting.range.least,
                                           static_cast<int64_t>(setting.range.most)));
}

std::string values_of(const Setting& setting, const double& /*member*/) {
  return with_special(setting,
                      fmt::format("a number from {} to {}", setting.range.least, setting.range.most));
}

std::string values_of(const Setting& setting, const Duration& /*member*/) {
  return with_special(setting, fmt::format("seconds or a time such as 90s or 1h30m, from {} to {}",
                                           time_text(setting.range.least), time_text(setting.range.most)));
}

std::string values_of(const Setting& setting, const std::optional<Duration>& /*member*/) {
  return values_of(setting, Duration());
}

std::string values_of(const Setting& setting, const ByteCount& /*member*/) {
  return with_special(setting, fmt::format("bytes or a size such as 512MiB, from {} to {}",
                                           size_text(setting.range.least), size_text(setting.range.most)));
}

std::string values_of(const Setting& setting, const std::string& /*member*/) {
  if (!setting.names.empty()) return fmt::format("one of {}", fmt::join(setting.names, ", "));
  switch (setting.kind) {
    case TextKind::kAny:
      break;
    case TextKind::kPath:
      return "a path";
    case TextKind::kSource:
      return "a path, hf:OWNER/REPOSITORY:TYPE, hf:OWNER/REPOSITORY/FILE or a URL";
    case TextKind::kModelName:
      return "a name of 1 to 256 bytes that no other model has";
    case TextKind::kOrigin:
      return "an origin";
  }
  return "a text";
}

std::string values_of(const Setting& setting, const std::vector<std::string>& /*member*/) {
  if (setting.kind == TextKind::kOrigin) return "a list of origins";
  return setting.kind == TextKind::kModelName ? "a list of names that no other model has" : "a list of texts";
}

std::string values_of(const Setting& /*setting*/, const nlohmann::ordered_json& /*member*/) {
  return "options of loading by their names in docs/options.md";
}

}  // namespace hearth::serve
