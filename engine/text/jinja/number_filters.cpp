// Filters of numbers: abs, int, float, round.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/number_text.h"
#include "engine/text/jinja/operators.h"

namespace hearth::jinja {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

Result<Value> abs_filter(BuiltinCall& call) {
  if (call.subject.real()) return Value::real(std::fabs(*call.subject.real()));
  const std::optional<int64_t> integer = call.subject.integer();
  if (integer && *integer >= 0) return Value::integer(*integer);
  return apply_sign(UnaryOperator::kMinus, call.subject, call.interpreter);
}

/// The integer part; nothing where there is none within 64 bits.
std::optional<int64_t> truncated(double real) {
  if (!(real >= -kTwoTo63 && real < kTwoTo63)) return std::nullopt;
  return static_cast<int64_t>(real);
}

/// A number, or text that is one; anything else gives the default.
Result<Value> int_filter(BuiltinCall& call) {
  const Value otherwise = call.has(0) ? call.arguments[0] : Value::integer(0);
  HEARTH_ASSIGN(const int64_t base, call.integer(1, 10));
  const Value& subject = call.subject;
  if (const std::optional<int64_t> integer = subject.integer()) return Value::integer(*integer);
  std::optional<double> real;
  if (subject.real()) real = *subject.real();
  if (subject.text()) {
    const ParsedInteger parsed = parse_integer(subject.text()->bytes(), base);
    if (parsed.fault == NumberFault::kRange)
      return call.fail("int meets an integer beyond 64 bits; use float");
    if (parsed.fault == NumberFault::kNone) return Value::integer(parsed.value);
    real = parse_real(subject.text()->bytes());
  }
  if (subject.is_undefined()) return call.interpreter.fail_about(subject, "");
  const std::optional<int64_t> whole = real ? truncated(*real) : std::nullopt;
  return whole ? Value::integer(*whole) : otherwise;
}

Result<Value> float_filter(BuiltinCall& call) {
  const Value& subject = call.subject;
  if (subject.is_undefined()) return call.interpreter.fail_about(subject, "");
  if (subject.is_number()) return Value::real(subject.as_real());
  const std::optional<double> real = subject.text() ? parse_real(subject.text()->bytes()) : std::nullopt;
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

Result<Value> round_filter(BuiltinCall& call) {
  const Value& subject = call.subject;
  HEARTH_ASSIGN(const int64_t precision, call.integer(0, 0));
  HEARTH_ASSIGN(const Text method, call.text(1, "common"));
  if (!subject.is_number()) {
    return call.interpreter.fail_about(subject,
                                       fmt::format("round takes a number, not {}", subject.described()));
  }
  const double value = subject.as_real();
  if (method.bytes() == "common") {
    if (subject.integer() && precision >= 0) return Value::integer(*subject.integer());
    const double rounded = round_half_even(value, precision);
    const std::optional<int64_t> whole = subject.integer() ? truncated(rounded) : std::nullopt;
    return whole ? Value::integer(*whole) : Value::real(rounded);
  }
  const double scale = std::pow(10.0, static_cast<double>(precision));
  if (method.bytes() == "ceil") return Value::real(std::ceil(value * scale) / scale);
  if (method.bytes() == "floor") return Value::real(std::floor(value * scale) / scale);
  return call.fail("round knows the methods common, ceil and floor");
}

constexpr Builtin kFilters[] = {
    {"abs", abs_filter},
    {"int", int_filter, 0, {"default", "base"}},
    {"float", float_filter, 0, {"default"}},
    {"round", round_filter, 0, {"precision", "method"}},
};

}  // namespace

std::span<const Builtin> number_filters() { return kFilters; }

}  // namespace hearth::jinja
