// Numbers read from text, as Python's int() and float() do.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hearth::jinja {

enum class NumberFault : unsigned char { kNone, kSyntax, kRange };

struct ParsedInteger {
  int64_t value = 0;
  NumberFault fault = NumberFault::kNone;
};

/// Blanks around it, a sign and single underscores between digits are allowed; with base 16, 8 or 2 a prefix
/// too, and base 0 goes by the prefix. kRange beyond 64 bits.
ParsedInteger parse_integer(std::string_view text, int64_t base);

/// Nothing where the text is no number. inf and nan are numbers.
std::optional<double> parse_real(std::string_view text);

}  // namespace hearth::jinja
