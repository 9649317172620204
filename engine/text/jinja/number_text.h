// Numbers read from text, as Python's int() and float() do.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/text/jinja/big_integer.h"
#include "engine/text/jinja/budget.h"

namespace hearth::jinja {

/// Blanks around it, a sign and single underscores between digits are allowed; with base 16, 8 or 2 a prefix
/// too, and base 0 goes by the prefix. Nothing where the text is no integer, or has more digits than integers
/// may.
std::optional<BigInteger> parse_integer(std::string_view text, int64_t base, Budget& budget);

/// The same for the digits of a literal or of JSON: without blanks, underscores and other scripts' digits.
std::optional<BigInteger> parse_digits(std::string_view digits, uint32_t base);

/// Nothing where the text is no number. inf and nan are numbers.
std::optional<double> parse_real(std::string_view text);

}  // namespace hearth::jinja
