#include "apps/serve/config/units.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace hearth::serve {
namespace {

struct Unit {
  std::string_view name;
  double size;
};

// The largest first, which to_text prefers.
constexpr Unit kTimes[] = {{"d", 86400e3}, {"h", 3600e3}, {"m", 60e3}, {"s", 1e3}, {"ms", 1}};
constexpr Unit kBinarySizes[] = {
    {"TiB", 1099511627776.0}, {"GiB", 1073741824.0}, {"MiB", 1048576.0}, {"KiB", 1024.0}};
constexpr Unit kDecimalSizes[] = {{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"KB", 1e3}};

constexpr double kMostExact = 9007199254740991;  // of the integers that a double holds

/// Takes a number from the front of a text.
std::optional<double> take_number(std::string_view& text) {
  double number = 0;
  const auto [end, problem] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (problem != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

std::optional<double> size_of(std::string_view unit) {
  for (const auto& [name, size] : kBinarySizes) {
    if (unit == name) return size;
  }
  for (const auto& [name, size] : kDecimalSizes) {
    if (unit == name) return size;
  }
  return unit.empty() || unit == "B" ? std::optional(1.0) : std::nullopt;
}

/// Takes the letters from the front of a text.
std::optional<double> take_time_unit(std::string_view& text) {
  const std::string_view letters = text.substr(0, text.find_first_of("0123456789."));
  for (const auto& [name, milliseconds] : kTimes) {
    if (letters != name) continue;
    text.remove_prefix(letters.size());
    return milliseconds;
  }
  return std::nullopt;
}

/// In milliseconds.
std::optional<double> sum_of_times(std::string_view text) {
  double sum = 0;
  do {
    const std::optional<double> number = take_number(text);
    if (!number) return std::nullopt;
    if (text.empty() && sum == 0) return *number * 1e3;
    const std::optional<double> unit = take_time_unit(text);
    if (!unit) return std::nullopt;
    sum += *number * *unit;
  } while (!text.empty());
  return sum;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  const std::optional<double> milliseconds = sum_of_times(text.substr(is_negative ? 1 : 0));
  if (!milliseconds || *milliseconds > kMostExact) return std::nullopt;
  return is_negative && *milliseconds > 0 ? kForever : Duration(std::llround(*milliseconds));
}

std::optional<ByteCount> parse_byte_count(std::string_view text) {
  const std::optional<double> number = take_number(text);
  const std::optional<double> unit = size_of(text);
  if (!number || !unit || *number * *unit > kMostExact) return std::nullopt;
  return ByteCount{static_cast<uint64_t>(std::llround(*number * *unit))};
}

std::string to_text(Duration duration) {
  if (duration == kForever) return "-1";
  const auto milliseconds = static_cast<double>(duration.count());
  for (const auto& [name, size] : kTimes) {
    if (milliseconds != 0 && std::fmod(milliseconds, size) == 0) {
      return fmt::format("{}{}", milliseconds / size, name);
    }
  }
  return "0";
}

std::string to_text(ByteCount size) {
  const auto bytes = static_cast<double>(size.bytes);
  for (const auto& [name, unit] : kBinarySizes) {
    if (bytes != 0 && std::fmod(bytes, unit) == 0) return fmt::format("{}{}", bytes / unit, name);
  }
  return fmt::format("{}", size.bytes);
}

}  // namespace hearth::serve
