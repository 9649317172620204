#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdio>

#include "engine/text/jinja/interpreter/format.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/characters.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {
namespace {

class SpecParser {
 public:
  SpecParser(std::string_view spec, Interpreter& interpreter) : rest_(spec), interpreter_(interpreter) {}

  Result<FormatSpec> parse() {
    FormatSpec spec;
    const size_t first = rest_.empty() ? 0 : character_bytes(rest_[0]);
    const bool has_fill = first < rest_.size() && is_align(rest_[first]);
    if (has_fill) {
      spec.fill = rest_.substr(0, first);
      rest_.remove_prefix(first);
    }
    if (is_align(next())) spec.align = take();
    if (next() == '+' || next() == '-' || next() == ' ') spec.sign = take();
    if (next() == '#') spec.alternate = take() == '#';
    if (next() == '0' && !has_fill) {
      take();
      spec.fill = "0";
      zero_pads_ = spec.align == '\0';
    }
    HEARTH_ASSIGN(spec.width, number(kMaxFormatWidth));
    if (next() == ',' || next() == '_') spec.group = take();
    if (next() == '.') {
      take();
      if (next() < '0' || next() > '9') return fail();
      HEARTH_ASSIGN(spec.precision, number(kMaxFormatPrecision));
    }
    if (rest_.size() > 1) return fail();
    if (!rest_.empty()) spec.type = take();
    // Only numbers are padded after their sign.
    if (zero_pads_ && spec.type != 's') spec.align = '0';
    return spec;
  }

 private:
  static bool is_align(char c) { return c == '<' || c == '>' || c == '^' || c == '='; }
  Error fail() const { return interpreter_.fail(fmt::format("format does not know '{}' after ':'", rest_)); }
  char next() const { return rest_.empty() ? '\0' : rest_[0]; }
  char take() {
    const char c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }
  Result<int64_t> number(int64_t maximum) {
    int64_t value = 0;
    while (next() >= '0' && next() <= '9') {
      value = value * 10 + (take() - '0');
      if (value > maximum) return interpreter_.fail(fmt::format("a width or precision exceeds {}", maximum));
    }
    return value;
  }

  std::string_view rest_;
  Interpreter& interpreter_;
  bool zero_pads_ = false;
};

bool is_integer_type(char type) {
  return type != '\0' && std::string_view("dxXobn").find(type) != std::string_view::npos;
}
bool is_real_type(char type) {
  return type != '\0' && std::string_view("eEfFgGn%").find(type) != std::string_view::npos;
}

uint32_t base_of(char type) {
  switch (type) {
    case 'x':
    case 'X':
      return 16;
    case 'o':
      return 8;
    case 'b':
      return 2;
    default:
      return 10;
  }
}

std::string integer_digits(const Value& magnitude, const FormatSpec& spec, Budget& budget) {
  const uint32_t base = base_of(spec.type);
  std::string digits = base == 10 ? integer_repr(magnitude, budget) : magnitude.whole().digits(base);
  budget.spend_bytes(digits.size());
  if (spec.type == 'X') {
    for (char& c : digits) c = static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c);
  }
  return digits;
}

/// By C's %e, %f and %g.
std::string fixed_digits(double magnitude, char type, int precision, bool keeps_point) {
  const std::array<char, 6> format = {'%', '#', '.', '*', type, '\0'};
  const std::array<char, 5> without_point = {'%', '.', '*', type, '\0'};
  std::array<char, 512> buffer{};  // 309 digits, a point and as many as the precision allows
  const int length = std::snprintf(buffer.data(), buffer.size(),
                                   keeps_point ? format.data() : without_point.data(), precision, magnitude);
  return {buffer.data(), static_cast<size_t>(length)};
}

/// Python writes a float without a type as with g, but with a point or an exponent.
std::string plain_real_digits(double magnitude, const FormatSpec& spec) {
  if (!spec.precision) {
    std::string digits = real_repr(magnitude);
    const size_t exponent = digits.find('e');
    const bool needs_point = spec.alternate && exponent < digits.find('.');
    return needs_point ? digits.insert(exponent, ".") : digits;
  }
  const auto precision = static_cast<int>(std::max<int64_t>(*spec.precision, 1));
  // The exponent that g goes by is that of the rounded number.
  std::string scientific = fmt::format("{:.{}e}", magnitude, precision - 1);
  const size_t mark = scientific.find('e');
  if (mark == std::string::npos) return scientific;  // inf and nan
  if (std::stoi(scientific.substr(mark + 1)) == precision - 1) {
    // The point would take the place of the last digit, so an exponent is written instead.
    std::string mantissa = scientific.substr(0, mark);
    if (mantissa.find('.') != std::string::npos && !spec.alternate) {
      mantissa.erase(mantissa.find_last_not_of('0') + 1);
      if (mantissa.ends_with('.')) mantissa.pop_back();
    }
    return mantissa + scientific.substr(mark);
  }
  std::string digits = fixed_digits(magnitude, 'g', precision, spec.alternate);
  const bool looks_integral = digits.find_first_not_of("0123456789") == std::string::npos;
  return looks_integral ? digits + ".0" : digits;
}

std::string real_digits(double magnitude, const FormatSpec& spec) {
  if (spec.type == '\0') return plain_real_digits(magnitude, spec);
  const auto precision = static_cast<int>(spec.precision.value_or(6));
  if (spec.type == '%') return fixed_digits(magnitude * 100, 'f', precision, spec.alternate) + "%";
  return fixed_digits(magnitude, spec.type == 'n' ? 'g' : spec.type, precision, spec.alternate);
}

/// Puts `separator` between groups of digits of the integer part, which grows to `least` characters of zeros.
std::string grouped(std::string_view digits, char separator, bool is_decimal, size_t least) {
  const size_t group = is_decimal ? 3 : 4;
  const std::string_view kinds = is_decimal ? "0123456789" : "0123456789abcdefABCDEF";
  const size_t integer = std::min(digits.find_first_not_of(kinds), digits.size());
  const std::string_view rest = digits.substr(integer);
  std::string reversed;
  for (size_t i = 0; i < integer || reversed.size() + rest.size() < least; ++i) {
    if (i > 0 && i % group == 0) reversed += separator;
    reversed += i < integer ? digits[integer - 1 - i] : '0';
  }
  return std::string(reversed.rbegin(), reversed.rend()) + std::string(rest);
}

std::string prefix_of(const FormatSpec& spec, bool is_negative) {
  std::string prefix = is_negative                            ? "-"
                       : spec.sign == '+' || spec.sign == ' ' ? std::string(1, spec.sign)
                                                              : "";
  if (spec.alternate && base_of(spec.type) != 10) prefix += {'0', spec.type};
  return prefix;
}

}  // namespace

Result<FormatSpec> parse_format_spec(std::string_view spec, Interpreter& interpreter) {
  return SpecParser(spec, interpreter).parse();
}

Result<FormattedNumber> format_number(const Value& number, const FormatSpec& spec, Interpreter& interpreter) {
  const bool as_integer = number.is_integer() && (spec.type == '\0' || is_integer_type(spec.type));
  if (!as_integer && spec.type != '\0' && !is_real_type(spec.type)) {
    return interpreter.fail(fmt::format("{} cannot be formatted as '{}'", number.described(), spec.type));
  }
  std::string digits;
  bool is_negative = false;
  if (as_integer) {
    is_negative = number.whole().is_negative();
    const Value magnitude = Value::integer(is_negative ? -number.whole() : number.whole());
    digits = integer_digits(magnitude, spec, interpreter.budget());
  } else {
    HEARTH_ASSIGN(const double real, real_of(number, interpreter));
    is_negative = std::signbit(real) && !std::isnan(real);
    digits = real_digits(std::fabs(real), spec);
  }
  const std::string prefix = prefix_of(spec, is_negative);
  if (spec.group != '\0') {
    const bool is_decimal = base_of(spec.type) == 10;
    if (spec.type == 'n' || (spec.group == ',' && !is_decimal)) {
      return interpreter.fail(fmt::format("format cannot put '{}' into '{}'", spec.group, spec.type));
    }
    const bool fills = (spec.align == '0' || (spec.align == '=' && spec.fill == "0")) &&
                       spec.width > static_cast<int64_t>(prefix.size());
    const size_t least = fills ? static_cast<size_t>(spec.width) - prefix.size() : 0;
    digits = grouped(digits, spec.group, is_decimal, least);
  }
  return FormattedNumber{prefix + digits, prefix.size()};
}

Result<Text> character_of(const Value& code, Interpreter& interpreter) {
  const int64_t number = code.integer().value_or(-1);
  if (number < 0 || number > 0x10FFFF) return interpreter.fail("%c needs a code point");
  std::string bytes;
  append_utf8(bytes, static_cast<char32_t>(number));
  return Text(bytes, Origin::kInput);
}

void append_padded(const Text& body, const FormatSpec& spec, char own_align, size_t prefix_bytes,
                   TextBuilder& out) {
  const auto length = static_cast<int64_t>(body.characters());
  const int64_t padding = spec.width > length ? spec.width - length : 0;
  const char align = spec.align == '0'    ? (own_align == '<' ? '<' : '=')
                     : spec.align != '\0' ? spec.align
                                          : own_align;
  const int64_t before = align == '<' ? 0 : align == '^' ? padding / 2 : padding;
  const auto pad = [&](int64_t times) {
    for (int64_t i = 0; i < times; ++i) out.append(spec.fill, Origin::kTemplate);
  };
  if (align != '=') prefix_bytes = 0;
  out.append(body, 0, prefix_bytes);
  pad(before);
  out.append(body, prefix_bytes, body.size());
  pad(padding - before);
}

Text cut_to_precision(const Text& text, const FormatSpec& spec, Budget& budget) {
  const auto limit = spec.precision ? static_cast<size_t>(*spec.precision) : text.characters();
  return limit < text.characters() ? slice(text, 0, text.offset_of(limit), budget) : text;
}

Result<Text> format_value(const Value& value, std::string_view spec_text, Interpreter& interpreter) {
  Budget& budget = interpreter.budget();
  if (spec_text.empty()) return to_text(value, budget).as_safe(false);
  HEARTH_ASSIGN(const FormatSpec spec, parse_format_spec(spec_text, interpreter));
  TextBuilder out(budget);
  const bool has_integers_parts =
      spec.precision && (spec.type == '\0' || spec.type == 'c' || is_integer_type(spec.type));
  if (value.is_integer() && has_integers_parts) return interpreter.fail("format gives integers no precision");
  if (value.is_integer() && spec.type == 'c') {
    if (spec.sign != '\0' || spec.group != '\0' || spec.alternate)
      return interpreter.fail("format gives characters no sign");
    HEARTH_ASSIGN(const Text character, character_of(value, interpreter));
    append_padded(character, spec, '<', 0, out);
  } else if (value.is_number()) {
    HEARTH_ASSIGN(const FormattedNumber number, format_number(value, spec, interpreter));
    append_padded(Text(number.text, Origin::kTemplate), spec, '>', number.prefix_bytes, out);
  } else {
    const bool has_numbers_parts =
        spec.sign != '\0' || spec.group != '\0' || spec.alternate || spec.align == '=';
    if (!value.text() || (spec.type != '\0' && spec.type != 's') || has_numbers_parts) {
      return interpreter.fail_about(
          value, fmt::format("format cannot write {} as '{}'", value.described(), spec_text));
    }
    append_padded(cut_to_precision(*value.text(), spec, budget), spec, '<', 0, out);
  }
  return out.take();
}

}  // namespace hearth::jinja
