#include "engine/text/jinja/format_spec.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/text/jinja/print.h"

namespace hearth::jinja {
namespace {

/// Puts `separator` between groups of three digits of the integer part.
std::string grouped(std::string_view digits, char separator) {
  const size_t integer = std::min(digits.find_first_not_of("0123456789"), digits.size());
  std::string out;
  for (size_t i = 0; i < integer; ++i) {
    if (i > 0 && (integer - i) % 3 == 0) out += separator;
    out += digits[i];
  }
  return out + std::string(digits.substr(integer));
}

std::string integer_digits(uint64_t magnitude, const FormatSpec& spec) {
  switch (spec.type) {
    case 'x':
      return fmt::format("{}{:x}", spec.alternate ? "0x" : "", magnitude);
    case 'X':
      return fmt::format("{}{:X}", spec.alternate ? "0X" : "", magnitude);
    case 'o':
      return fmt::format("{}{:o}", spec.alternate ? "0o" : "", magnitude);
    case 'b':
      return fmt::format("{}{:b}", spec.alternate ? "0b" : "", magnitude);
    default:
      return fmt::format("{}", magnitude);
  }
}

std::string real_digits(double magnitude, const FormatSpec& spec) {
  const auto precision = static_cast<int>(spec.precision.value_or(6));
  switch (spec.type) {
    case 'e':
      return fmt::format("{:.{}e}", magnitude, precision);
    case 'E':
      return fmt::format("{:.{}E}", magnitude, precision);
    case 'f':
    case 'F':
      return fmt::format("{:.{}f}", magnitude, precision);
    case 'g':
      return fmt::format("{:.{}g}", magnitude, precision);
    case 'G':
      return fmt::format("{:.{}G}", magnitude, precision);
    case '%':
      return fmt::format("{:.{}f}%", magnitude * 100, precision);
    default:
      return spec.precision ? fmt::format("{:.{}g}", magnitude, precision) : real_repr(magnitude);
  }
}

bool is_integer_type(char type) {
  return type == 'd' || type == 'x' || type == 'X' || type == 'o' || type == 'b';
}
bool is_real_type(char type) { return std::string_view("eEfFgG%").find(type) != std::string_view::npos; }

}  // namespace

Result<std::string> format_number(const Value& number, const FormatSpec& spec, Interpreter& interpreter) {
  const std::optional<int64_t> integer = number.integer();
  const bool as_integer = integer && (spec.type == '\0' || is_integer_type(spec.type));
  if (!as_integer && spec.type != '\0' && !is_real_type(spec.type)) {
    return interpreter.fail(fmt::format("{} cannot be formatted as '{}'", number.described(), spec.type));
  }
  const bool is_negative = as_integer ? *integer < 0 : std::signbit(number.as_real());
  // 0 - x in unsigned arithmetic is the magnitude of every negative x, INT64_MIN included.
  std::string digits = as_integer ? integer_digits(is_negative ? 0 - static_cast<uint64_t>(*integer)
                                                               : static_cast<uint64_t>(*integer),
                                                   spec)
                                  : real_digits(std::fabs(number.as_real()), spec);
  if (spec.group != '\0') digits = grouped(digits, spec.group);
  if (is_negative) return "-" + digits;
  return spec.sign == '-' ? digits : spec.sign + digits;
}

void append_padded(const Text& body, const FormatSpec& spec, bool is_number, TextBuilder& out) {
  const auto length = static_cast<int64_t>(body.characters());
  const int64_t padding = spec.width > length ? spec.width - length : 0;
  const char align = spec.align != '\0' ? spec.align : is_number ? '>' : '<';
  const int64_t before = align == '<' ? 0 : align == '^' ? padding / 2 : padding;
  const auto pad = [&](int64_t times) {
    for (int64_t i = 0; i < times; ++i) out.append(spec.fill, Origin::kTemplate);
  };
  // With '=', the padding stands between the sign and the digits.
  const bool has_sign = !body.empty() && (body.bytes()[0] == '-' || body.bytes()[0] == '+');
  const size_t sign_bytes = align == '=' && has_sign ? 1 : 0;
  out.append(body, 0, sign_bytes);
  pad(before);
  out.append(body, sign_bytes, body.size());
  pad(padding - before);
}

}  // namespace hearth::jinja
