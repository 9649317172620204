// Filters of numbers: abs, int, float, round.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/number_text.h"
#include "engine/text/jinja/operators.h"

namespace hearth::jinja {
namespace {

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
