// Filters of numbers: abs, int, float, round.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/characters.h"

namespace hearth::jinja {
namespace {

/// The decimal digits of every script stand in runs from 0 to 9.
char ascii_digit(char32_t digit) {
  int value = 0;
  for (char32_t before = digit - 1; is_decimal_digit(before); --before) ++value;
  return static_cast<char>('0' + value % 10);
}

/// Without blanks at its ends, and with decimal digits of all scripts as ASCII's.
std::string normalized_number(std::string_view text) {
  text.remove_prefix(skip_leading(text, is_space));
  text = text.substr(0, skip_trailing(text, is_space));
  std::string plain;
  each_character(text, [&](char32_t c, std::string_view bytes) {
    if (c > 0x7F && is_decimal_digit(c)) {
      plain += ascii_digit(c);
    } else {
      plain += bytes;
    }
  });
  return plain;
}

/// Drops single underscores between digits; false where one stands elsewhere.
bool remove_underscores(std::string_view text, std::string& plain) {
  const auto is_alphanumeric = [&](size_t i) {
    return i < text.size() &&
           (is_ascii_digit(text[i]) || ((text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z'));
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      plain += text[i];
    } else if (i == 0 || !is_alphanumeric(i - 1) || !is_alphanumeric(i + 1)) {
      return false;
    }
  }
  return true;
}

int64_t base_of_prefix(std::string_view digits) {
  if (digits.size() < 2 || digits[0] != '0') return 0;
  const char letter = static_cast<char>(digits[1] | 0x20);
  return letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
}

/// Whether the text is [sign] digits [. digits] [e [sign] digits], with a digit somewhere before the e.
bool is_decimal(std::string_view text) {
  size_t i = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  const auto skip_digits = [&] {
    const size_t begin = i;
    while (i < text.size() && is_ascii_digit(text[i])) ++i;
    return i - begin;
  };
  size_t digits = skip_digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    digits += skip_digits();
  }
  if (digits == 0) return false;
  if (i < text.size() && (text[i] | 0x20) == 'e') {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (skip_digits() == 0) return false;
  }
  return i == text.size();
}

bool is_named_real(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return static_cast<char>(c | 0x20); });
  return lower == "inf" || lower == "infinity" || lower == "nan";
}

/// Python's int(): blanks around it, a sign and single underscores between digits are allowed; with base 16,
/// 8 or 2 a prefix too, and base 0 goes by the prefix. Nothing where the text is no integer, or has more
/// digits than integers may.
std::optional<BigInteger> parse_integer(std::string_view text, int64_t base, Budget& budget) {
  std::string digits;
  budget.spend_bytes(text.size());
  if (!remove_underscores(normalized_number(text), digits) || base < 0 || base == 1 || base > 36)
    return std::nullopt;
  const bool has_sign = digits.starts_with('-') || digits.starts_with('+');
  const std::string sign = digits.substr(0, has_sign ? 1 : 0);
  digits.erase(0, sign.size());
  const int64_t prefix = base_of_prefix(digits);
  if (prefix != 0 && (base == 0 || base == prefix)) {
    digits.erase(0, 2);
    base = prefix;
  } else if (base == 0 && digits.size() > 1 && digits[0] == '0' &&
             digits.find_first_not_of('0') != std::string::npos) {
    return std::nullopt;  // 010 could be meant as 8
  }
  if (digits.starts_with('-') || digits.starts_with('+')) return std::nullopt;
  const size_t read = std::min(digits.size(), BigInteger::kMaxDigits);
  budget.spend(read * read / 20000);
  return BigInteger::parse(sign + digits, static_cast<uint32_t>(base == 0 ? 10 : base));
}

/// Python's float(). Nothing where the text is no number. inf and nan are numbers.
std::optional<double> parse_real(std::string_view text) {
  std::string plain;
  if (!remove_underscores(normalized_number(text), plain)) return std::nullopt;
  if (!is_decimal(plain) && !is_named_real(plain)) return std::nullopt;
  return std::strtod(plain.c_str(), nullptr);
}

Result<Value> abs_filter(BuiltinCall& call) {
  if (call.subject.real()) return Value::real(std::fabs(*call.subject.real()));
  const bool is_negative = call.subject.is_integer() && call.subject.whole().is_negative();
  return apply_sign(is_negative ? UnaryOperator::kMinus : UnaryOperator::kPlus, call.subject,
                    call.interpreter);
}

/// A number, or text that is one; anything else gives the default.
Result<Value> int_filter(BuiltinCall& call) {
  const Value otherwise = call.has(0) ? call.arguments[0] : Value::integer(0);
  const Value& subject = call.subject;
  if (subject.is_integer()) return Value::integer(subject.whole());
  std::optional<double> real;
  if (subject.real()) real = *subject.real();
  if (subject.text()) {
    HEARTH_ASSIGN(const int64_t base, call.integer(1, 10));
    const std::optional<BigInteger> whole = parse_integer(subject.text()->bytes(), base, call.budget());
    if (whole) return Value::integer(*whole);
    real = parse_real(subject.text()->bytes());
  }
  if (subject.is_undefined()) return call.interpreter.fail_about(subject, "");
  return real && std::isfinite(*real) ? Value::integer(BigInteger::truncated(*real)) : otherwise;
}

/// Python's float(); nothing where the value is no number.
Result<std::optional<double>> read_real(const Value& value, Interpreter& interpreter) {
  if (value.is_undefined()) return interpreter.fail_about(value, "");
  if (value.text()) return parse_real(value.text()->bytes());
  if (!value.is_number()) return std::optional<double>();
  HEARTH_ASSIGN(const double real, real_of(value, interpreter));
  return std::optional(real);
}

Result<Value> float_filter(BuiltinCall& call) {
  HEARTH_ASSIGN(const std::optional<double> real, read_real(call.subject, call.interpreter));
  if (real) return Value::real(*real);
  return call.has(0) ? call.arguments[0] : Value::real(0);
}

/// Rounds as Python does: half to even, judged by the exact value of the double.
double round_half_even(double value, int64_t precision) {
  if (precision >= 0) {
    const std::string digits =
        fmt::format("{:.{}f}", value, static_cast<int>(std::min<int64_t>(precision, 330)));
    return std::strtod(digits.c_str(), nullptr);
  }
  const double scale = std::pow(10.0, static_cast<double>(-precision));
  return std::isinf(scale) ? 0.0 * value : std::nearbyint(value / scale) * scale;
}

/// The multiple of a power of ten that is nearest, half to even.
Result<Value> round_integer(const Value& integer, int64_t zeros, BuiltinCall& call) {
  HEARTH_ASSIGN(const Value unit, apply_to_numbers(BinaryOperator::kPower, Value::integer(10),
                                                   Value::integer(zeros), call.interpreter));
  auto [quotient, remainder] = integer.whole().divided_by(unit.whole());
  const std::strong_ordering half = remainder + remainder <=> unit.whole();
  const bool is_odd = !quotient.divided_by(BigInteger(int64_t{2})).remainder.is_zero();
  if (std::is_gt(half) || (std::is_eq(half) && is_odd)) quotient = quotient + BigInteger(int64_t{1});
  return apply_to_numbers(BinaryOperator::kMultiply, Value::integer(quotient), unit, call.interpreter);
}

Result<Value> round_filter(BuiltinCall& call) {
  const Value& subject = call.subject;
  HEARTH_ASSIGN(const int64_t precision, call.integer(0, 0));
  HEARTH_ASSIGN(const Text method, call.text(1, "common"));
  if (!subject.is_number()) {
    return call.interpreter.fail_about(subject,
                                       fmt::format("round takes a number, not {}", subject.described()));
  }
  const bool is_common = method.bytes() == "common";
  if (!is_common && method.bytes() != "ceil" && method.bytes() != "floor") {
    return call.fail("round knows the methods common, ceil and floor");
  }
  if (is_common && subject.is_integer()) {
    if (precision < 0) return round_integer(subject, -precision, call);
    return Value::integer(subject.whole());
  }
  HEARTH_ASSIGN(const double value, real_of(subject, call.interpreter));
  if (is_common) return Value::real(round_half_even(value, precision));
  if (!std::isfinite(value)) return call.fail("round needs a finite number");
  if (subject.is_integer() && precision >= 0) return Value::real(value);
  const double scale = std::pow(10.0, static_cast<double>(precision));
  const double scaled = value * scale;
  return Value::real((method.bytes() == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / scale);
}

/// 1 Byte, 13 Bytes, 4.1 kB, ... or, with binary prefixes, 4.0 KiB.
Result<Value> filesizeformat(BuiltinCall& call) {
  HEARTH_ASSIGN(const std::optional<double> size, read_real(call.subject, call.interpreter));
  if (!size) return call.fail(fmt::format("filesizeformat takes a number, not {}", call.subject.described()));
  const double bytes = *size;
  const bool is_binary = call.flag(0, false);
  const double base = is_binary ? 1024 : 1000;
  if (bytes == 1) return Value::text("1 Byte");
  if (bytes < base) return Value::text(fmt::format("{:.0f} Bytes", std::trunc(bytes) + 0.0));
  constexpr std::string_view kPrefixes = "kMGTPEZY";
  double unit = base;
  size_t prefix = 0;
  for (; prefix + 1 < kPrefixes.size() && !(bytes < unit * base); ++prefix) unit *= base;
  const char letter = is_binary && prefix == 0 ? 'K' : kPrefixes[prefix];
  return Value::text(
      fmt::format("{:.1f} {}{}", base * bytes / (unit * base), letter, is_binary ? "iB" : "B"));
}

constexpr Builtin kNumberFilters[] = {
    {"abs", abs_filter},
    {"int", int_filter, 0, {"default", "base"}},
    {"float", float_filter, 0, {"default"}},
    {"filesizeformat", filesizeformat, 0, {"binary"}},
    {"round", round_filter, 0, {"precision", "method"}},
};

}  // namespace

std::span<const Builtin> number_filters() { return kNumberFilters; }

}  // namespace hearth::jinja
