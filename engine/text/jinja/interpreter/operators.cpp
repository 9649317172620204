#include "engine/text/jinja/interpreter/operators.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/text/jinja/interpreter/format.h"
#include "engine/text/jinja/value/string_transform.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {
namespace {

std::string_view symbol(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::kAnd:
      return "and";
    case BinaryOperator::kOr:
      return "or";
    case BinaryOperator::kAdd:
      return "+";
    case BinaryOperator::kSubtract:
      return "-";
    case BinaryOperator::kMultiply:
      return "*";
    case BinaryOperator::kDivide:
      return "/";
    case BinaryOperator::kFloorDivide:
      return "//";
    case BinaryOperator::kModulo:
      return "%";
    case BinaryOperator::kPower:
      return "**";
  }
  return "";
}

Result<Value> concatenate(const Value& left, const Value& right, Interpreter& interpreter) {
  if (left.text()) {
    const bool is_safe = left.text()->is_safe() || right.text()->is_safe();
    Budget& budget = interpreter.budget();
    TextBuilder out(budget);
    for (const Value* part : {&left, &right})
      out.append(is_safe ? to_safe_text(*part, budget) : *part->text());
    return Value(out.take().as_safe(is_safe));
  }
  std::vector<Value> items = left.list()->items;
  items.insert(items.end(), right.list()->items.begin(), right.list()->items.end());
  return Value(left.list()->is_tuple ? interpreter.heap().tuple(std::move(items))
                                     : interpreter.heap().list(std::move(items)));
}

Result<Value> repeat(const Value& sequence, int64_t times, Interpreter& interpreter) {
  Budget& budget = interpreter.budget();
  if (sequence.text()) {
    TextBuilder out(budget);
    for (int64_t i = 0; i < times && !budget.exhausted() && !sequence.text()->empty(); ++i) {
      out.append(*sequence.text());
    }
    return Value(out.take().as_safe(sequence.text()->is_safe()));
  }
  const List& list = *sequence.list();
  std::vector<Value> items;
  for (int64_t i = 0; i < times && !budget.exhausted() && !list.items.empty(); ++i) {
    budget.spend(list.items.size());
    items.insert(items.end(), list.items.begin(), list.items.end());
  }
  return Value(interpreter.heap().make<List>(std::move(items), list.is_tuple));
}

bool is_sequence(const Value& value) { return value.text() || value.list(); }

/// Python prints integers of up to 4300 digits, and ours grow no larger: 10 ** 4300 has 14285 bits.
constexpr size_t kMaxIntegerBits = 14284;

Result<Value> large_integer(const BigInteger& value, Interpreter& interpreter) {
  if (value.bits() > kMaxIntegerBits) return interpreter.fail("an integer grows beyond 4300 digits");
  return Value::integer(value);
}

/// What a product or a division of two large integers costs.
void spend_product(const BigInteger& a, const BigInteger& b, Budget& budget) {
  budget.spend(1 + (a.bits() / 32) * (b.bits() / 32) / 16);
}

Result<Value> real_power(double base, double exponent, Interpreter& interpreter) {
  if (base == 0 && exponent < 0) return interpreter.fail("zero cannot be raised to a negative power");
  const double power = std::pow(base, exponent);
  const bool is_finite = std::isfinite(base) && std::isfinite(exponent);
  if (is_finite && std::isnan(power)) return interpreter.fail("a negative number has no real root");
  if (is_finite && std::isinf(power)) return interpreter.fail("a power is too large for a float");
  return Value::real(power);
}

Result<Value> power(const BigInteger& base, const BigInteger& exponent, Interpreter& interpreter) {
  if (exponent.is_negative()) return real_power(base.real(), exponent.real(), interpreter);
  BigInteger result(1);
  if (base.bits() <= 1) {  // 0, 1 and -1 stay what they are, whatever the exponent
    const bool is_odd = !exponent.divided_by(BigInteger(int64_t{2})).remainder.is_zero();
    return large_integer(exponent.is_zero() ? result : is_odd ? base : base * base, interpreter);
  }
  const std::optional<int64_t> times = exponent.small();
  if (!times || *times > static_cast<int64_t>(kMaxIntegerBits / (base.bits() - 1))) {
    return interpreter.fail("an integer grows beyond 4300 digits");
  }
  BigInteger square = base;
  for (int64_t rest = *times; rest > 0; rest >>= 1) {  // by squaring
    spend_product(square, square, interpreter.budget());
    if ((rest & 1) != 0) result = result * square;
    if (rest > 1) square = square * square;
  }
  return large_integer(result, interpreter);
}

Result<Value> large_arithmetic(BinaryOperator op, const BigInteger& a, const BigInteger& b,
                               Interpreter& interpreter) {
  switch (op) {
    case BinaryOperator::kAdd:
      return large_integer(a + b, interpreter);
    case BinaryOperator::kSubtract:
      return large_integer(a - b, interpreter);
    case BinaryOperator::kPower:
      return power(a, b, interpreter);
    default:
      break;
  }
  spend_product(a, b, interpreter.budget());
  if (op == BinaryOperator::kMultiply) return large_integer(a * b, interpreter);
  if (b.is_zero()) return interpreter.fail("division by zero");
  if (op == BinaryOperator::kDivide) {
    const double ratio = a.ratio_to(b);
    if (std::isinf(ratio)) return interpreter.fail("a quotient is too large for a float");
    return Value::real(ratio);
  }
  const BigInteger::Division division = a.divided_by(b);
  return Value::integer(op == BinaryOperator::kModulo ? division.remainder : division.quotient);
}

/// Nothing where the result may not fit, or is no matter of integers.
std::optional<int64_t> small_arithmetic(BinaryOperator op, int64_t a, int64_t b) {
  int64_t result = 0;
  switch (op) {
    case BinaryOperator::kAdd:
      return __builtin_add_overflow(a, b, &result) ? std::nullopt : std::optional(result);
    case BinaryOperator::kSubtract:
      return __builtin_sub_overflow(a, b, &result) ? std::nullopt : std::optional(result);
    case BinaryOperator::kMultiply:
      return __builtin_mul_overflow(a, b, &result) ? std::nullopt : std::optional(result);
    case BinaryOperator::kFloorDivide:
      // C++ rounds towards zero, Python down.
      if (b == 0 || b == -1) return std::nullopt;
      return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
    case BinaryOperator::kModulo:
      // The remainder has the sign of the divisor.
      if (b == 0 || b == -1) return std::nullopt;
      result = a % b;
      return result != 0 && (result < 0) != (b < 0) ? result + b : result;
    default:
      return std::nullopt;
  }
}

/// The quotient rounded down and the remainder with the sign of the divisor, rounded as in Python.
Value real_division(BinaryOperator op, double a, double b) {
  double remainder = std::fmod(a, b);
  double quotient = (a - remainder) / b;
  if (remainder == 0) {
    remainder = std::copysign(0.0, b);
  } else if ((b < 0) != (remainder < 0)) {
    remainder += b;
    quotient -= 1;
  }
  if (op == BinaryOperator::kModulo) return Value::real(remainder);
  if (quotient == 0) return Value::real(std::copysign(0.0, a / b));
  const double whole = std::floor(quotient);
  return Value::real(quotient - whole > 0.5 ? whole + 1 : whole);
}

Result<Value> real_arithmetic(BinaryOperator op, double a, double b, Interpreter& interpreter) {
  switch (op) {
    case BinaryOperator::kAdd:
      return Value::real(a + b);
    case BinaryOperator::kSubtract:
      return Value::real(a - b);
    case BinaryOperator::kMultiply:
      return Value::real(a * b);
    case BinaryOperator::kPower:
      return real_power(a, b, interpreter);
    default:
      break;
  }
  if (b == 0) return interpreter.fail("division by zero");
  if (op == BinaryOperator::kDivide) return Value::real(a / b);
  return real_division(op, a, b);
}

bool is_exact_real(int64_t integer) { return integer > -(int64_t{1} << 53) && integer < (int64_t{1} << 53); }

}  // namespace

Result<Value> apply_binary(BinaryOperator op, const Value& left, const Value& right,
                           Interpreter& interpreter) {
  if (left.is_number() && right.is_number()) return apply_to_numbers(op, left, right, interpreter);
  const std::optional<int64_t> a = left.integer();
  const std::optional<int64_t> b = right.integer();
  if (op == BinaryOperator::kAdd) {
    const bool are_lists = left.list() && right.list() && left.list()->is_tuple == right.list()->is_tuple;
    if ((left.text() && right.text()) || are_lists) return concatenate(left, right, interpreter);
  }
  if (op == BinaryOperator::kMultiply) {
    if (is_sequence(left) && b) return repeat(left, *b, interpreter);
    if (a && is_sequence(right)) return repeat(right, *a, interpreter);
  }
  if (op == BinaryOperator::kModulo && left.text()) return percent_format(*left.text(), right, interpreter);
  const std::string_view hint =
      op == BinaryOperator::kAdd && (left.text() || right.text()) ? "; join them with ~ instead" : "";
  return interpreter.fail_about(left.is_undefined() ? left : right,
                                fmt::format("{} and {} cannot be combined with {}{}", left.described(),
                                            right.described(), symbol(op), hint));
}

Result<bool> apply_comparison(ComparisonOperator op, const Value& left, const Value& right,
                              Interpreter& interpreter) {
  switch (op) {
    case ComparisonOperator::kEqual:
      return equals(left, right, interpreter.budget());
    case ComparisonOperator::kNotEqual:
      return !equals(left, right, interpreter.budget());
    case ComparisonOperator::kIn:
      return is_in(left, right, interpreter);
    case ComparisonOperator::kNotIn: {
      HEARTH_ASSIGN(const bool found, is_in(left, right, interpreter));
      return !found;
    }
    default:
      break;
  }
  const std::optional<std::partial_ordering> order = compare(left, right, interpreter.budget());
  if (!order) {
    return interpreter.fail_about(
        left.is_undefined() ? left : right,
        fmt::format("{} and {} have no order", left.described(), right.described()));
  }
  if (op == ComparisonOperator::kLess) return std::is_lt(*order);
  if (op == ComparisonOperator::kLessOrEqual) return std::is_lteq(*order);
  return op == ComparisonOperator::kGreater ? std::is_gt(*order) : std::is_gteq(*order);
}

Result<bool> is_in(const Value& value, const Value& container, Interpreter& interpreter) {
  Budget& budget = interpreter.budget();
  if (container.list()) return contains(*container.list(), value, budget);
  if (container.dict()) {
    if (value.text()) budget.spend_bytes(value.text()->size());
    if (!is_hashable(value))
      return interpreter.fail(fmt::format("{} cannot be the key of a dict", value.described()));
    return container.dict()->find(value) != nullptr;
  }
  if (container.text() && value.text()) {
    return find_text(container.text()->bytes(), value.text()->bytes(), 0, budget) != std::string_view::npos;
  }
  if (container.text()) {
    return interpreter.fail_about(value, fmt::format("a string cannot contain {}", value.described()));
  }
  if (container.is_undefined()) return false;
  return interpreter.fail(fmt::format("{} contains nothing to look for", container.described()));
}

Result<double> real_of(const Value& number, Interpreter& interpreter) {
  const double real = number.as_real();
  if (number.is_integer() && std::isinf(real)) return interpreter.fail("an integer is too large for a float");
  return real;
}

Result<Value> apply_to_numbers(BinaryOperator op, const Value& left, const Value& right,
                               Interpreter& interpreter) {
  if (left.is_integer() && right.is_integer()) {
    const std::optional<int64_t> a = left.integer();
    const std::optional<int64_t> b = right.integer();
    if (a && b && op == BinaryOperator::kDivide && is_exact_real(*a) && is_exact_real(*b) && *b != 0) {
      return Value::real(static_cast<double>(*a) / static_cast<double>(*b));
    }
    const std::optional<int64_t> result = a && b ? small_arithmetic(op, *a, *b) : std::nullopt;
    if (result) return Value::integer(*result);
    return large_arithmetic(op, left.whole(), right.whole(), interpreter);
  }
  HEARTH_ASSIGN(const double a, real_of(left, interpreter));
  HEARTH_ASSIGN(const double b, real_of(right, interpreter));
  return real_arithmetic(op, a, b, interpreter);
}

Result<Value> apply_sign(UnaryOperator op, const Value& operand, Interpreter& interpreter) {
  if (!operand.is_number()) {
    return interpreter.fail_about(operand, fmt::format("{} has no sign", operand.described()));
  }
  if (operand.real()) return Value::real(op == UnaryOperator::kMinus ? -*operand.real() : *operand.real());
  return Value::integer(op == UnaryOperator::kMinus ? -operand.whole() : operand.whole());
}

}  // namespace hearth::jinja
