// The number and padding part that Python's % formatting and str.format share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/text/jinja/interpreter.h"

namespace hearth::jinja {

struct FormatSpec {
  std::string fill = " ";  // one character
  char align = '\0';       // < > ^ or =; \0 for the type's own
  char sign = '-';         // - (only where negative), + or a space
  bool alternate = false;  // #: 0x, 0o and 0b prefixes
  char group = '\0';       // , or _ between thousands
  int64_t width = 0;
  std::optional<int64_t> precision;
  char type = '\0';  // d x X o b e E f F g G % s c; \0 for the type's own
};

/// Wide enough for anything a prompt aligns.
inline constexpr int64_t kMaxFormatWidth = 10000;
inline constexpr int64_t kMaxFormatPrecision = 100;

/// Formats a number by the spec's type, sign and grouping, without padding. Fails for a type that numbers
/// lack.
Result<std::string> format_number(const Value& number, const FormatSpec& spec, Interpreter& interpreter);

/// Appends `body`, padded to the spec's width.
void append_padded(const Text& body, const FormatSpec& spec, bool is_number, TextBuilder& out);

}  // namespace hearth::jinja
