// Python's two ways to put values into a string, '{:>8.2f}'.format(x) and '%8.2f' % x, and what they share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/text/jinja/interpreter/interpreter.h"

namespace hearth::jinja {

struct FormatSpec {
  std::string fill = " ";  // one character
  char align = '\0';       // < > ^ or =; \0 for the type's own
  char sign = '\0';        // + - or a space; \0 for the type's own: a minus where negative
  bool alternate = false;  // #: 0x, 0o and 0b prefixes; a point in every float
  char group = '\0';       // , or _ between thousands
  int64_t width = 0;
  std::optional<int64_t> precision;
  char type = '\0';  // d x X o b c e E f F g G n % s; \0 for the value's own
};

/// Wide enough for anything a prompt aligns.
inline constexpr int64_t kMaxFormatWidth = 10000;
inline constexpr int64_t kMaxFormatPrecision = 100;

/// [[fill]align][sign][#][0][width][group][.precision][type]
Result<FormatSpec> parse_format_spec(std::string_view spec, Interpreter& interpreter);

/// A number's text, of which the sign and the base's prefix stay before any padding with zeros.
struct FormattedNumber {
  std::string text;
  size_t prefix_bytes;
};

/// Formats a number by the spec's type, sign, grouping and precision, without padding. Fails for what numbers
/// lack.
Result<FormattedNumber> format_number(const Value& number, const FormatSpec& spec, Interpreter& interpreter);

/// A character of that code. It counts as input, from where the number may have come.
Result<Text> character_of(const Value& code, Interpreter& interpreter);

/// Appends `body`, padded to the spec's width; with the alignment = after its first `prefix_bytes`.
/// `own_align` is the alignment of a spec that has none.
void append_padded(const Text& body, const FormatSpec& spec, char own_align, size_t prefix_bytes,
                   TextBuilder& out);

/// The first characters of a text, as many as a precision says.
Text cut_to_precision(const Text& text, const FormatSpec& spec, Budget& budget);

/// format(value, spec): what "{:spec}" makes of a value.
Result<Text> format_value(const Value& value, std::string_view spec, Interpreter& interpreter);

/// What str.format gets: "{} {name[0]!r:>{width}}".
struct FormatValues {
  const std::vector<Value>& positional;
  const Dict& named;
};

/// str.format and str.format_map. Of safe text, the values are escaped and the result is safe.
Result<Value> str_format(const Text& format, const FormatValues& values, Interpreter& interpreter);

/// The % operator. `values` is a tuple, a dict (for %(name)s) or a single value. The same of safe text.
Result<Value> percent_format(const Text& format, const Value& values, Interpreter& interpreter);

}  // namespace hearth::jinja
