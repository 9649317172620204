#include "engine/text/jinja/strftime.h"

#include <array>
#include <ctime>

namespace hearth::jinja {
namespace {

/// The conversions whose result does not depend on what a platform makes of an unknown one.
constexpr std::string_view kConversions = "aAbBcdDeFgGhHIjmMnpRSTuUVwWxXyYzZ";

std::string convert(char conversion, const std::tm& time) {
  const std::array<char, 3> format = {'%', conversion, '\0'};
  std::array<char, 128> buffer{};
  const size_t length = std::strftime(buffer.data(), buffer.size(), format.data(), &time);
  return {buffer.data(), length};
}

std::string without_padding(const std::string& text) {
  const size_t first = text.find_first_not_of("0 ");
  return first == std::string::npos ? text.substr(text.size() - (text.empty() ? 0 : 1)) : text.substr(first);
}

}  // namespace

std::string format_time(std::string_view format, int64_t seconds) {
  const auto moment = static_cast<std::time_t>(seconds);
  std::tm time{};
#ifdef _WIN32
  localtime_s(&time, &moment);
#else
  localtime_r(&moment, &time);
#endif
  std::string out;
  for (size_t i = 0; i < format.size(); ++i) {
    const bool has_dash = format.substr(i).starts_with("%-");
    const size_t at = i + (has_dash ? 2 : 1);
    const bool is_conversion = format[i] == '%' && at < format.size() &&
                               (format[at] == '%' || kConversions.find(format[at]) != std::string_view::npos);
    if (!is_conversion) {
      out += format[i];
      continue;
    }
    const std::string converted = format[at] == '%' ? "%" : convert(format[at], time);
    out += has_dash ? without_padding(converted) : converted;
    i = at;
  }
  return out;
}

}  // namespace hearth::jinja
