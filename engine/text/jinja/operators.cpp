#include "engine/text/jinja/operators.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/text/jinja/compare.h"
#include "engine/text/jinja/percent_format.h"
#include "engine/text/jinja/search.h"

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

Error fail_out_of_range(Interpreter& interpreter) {
  return interpreter.fail("an integer grows beyond 64 bits; compute with floats");
}

Result<Value> power(int64_t base, int64_t exponent, Interpreter& interpreter) {
  if (exponent < 0) {
    if (base == 0) return interpreter.fail("zero cannot be raised to a negative power");
    return Value::real(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  int64_t result = 1;
  while (true) {  // by squaring
    if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result))
      return fail_out_of_range(interpreter);
    exponent >>= 1;
    if (exponent == 0) return Value::integer(result);
    if (__builtin_mul_overflow(base, base, &base)) return fail_out_of_range(interpreter);
  }
}

Result<Value> integer_arithmetic(BinaryOperator op, int64_t a, int64_t b, Interpreter& interpreter) {
  const bool divides =
      op == BinaryOperator::kDivide || op == BinaryOperator::kFloorDivide || op == BinaryOperator::kModulo;
  if (divides && b == 0) return interpreter.fail("division by zero");
  int64_t result = 0;
  bool overflows = false;
  switch (op) {
    case BinaryOperator::kAdd:
      overflows = __builtin_add_overflow(a, b, &result);
      break;
    case BinaryOperator::kSubtract:
      overflows = __builtin_sub_overflow(a, b, &result);
      break;
    case BinaryOperator::kMultiply:
      overflows = __builtin_mul_overflow(a, b, &result);
      break;
    case BinaryOperator::kDivide:
      return Value::real(static_cast<double>(a) / static_cast<double>(b));
    case BinaryOperator::kFloorDivide:
      // C++ rounds towards zero, Python down. INT64_MIN / -1 does not fit.
      overflows = b == -1 && __builtin_sub_overflow(int64_t{0}, a, &result);
      if (b != -1) result = a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
      break;
    case BinaryOperator::kModulo:
      // The remainder has the sign of the divisor.
      result = b == -1 ? 0 : a % b;
      if (result != 0 && (result < 0) != (b < 0)) result += b;
      break;
    default:
      return power(a, b, interpreter);
  }
  if (overflows) return fail_out_of_range(interpreter);
  return Value::integer(result);
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
      return Value::real(std::pow(a, b));
    default:
      break;
  }
  if (b == 0) return interpreter.fail("division by zero");
  if (op == BinaryOperator::kDivide) return Value::real(a / b);
  double remainder = std::fmod(a, b);
  if (remainder != 0 && (remainder < 0) != (b < 0)) remainder += b;
  if (op == BinaryOperator::kModulo) return Value::real(remainder);
  return Value::real(std::floor((a - remainder) / b + 0.5));
}

Result<Value> concatenate(const Value& left, const Value& right, Interpreter& interpreter) {
  if (left.text()) {
    TextBuilder out(interpreter.budget());
    out.append(*left.text());
    out.append(*right.text());
    return Value(out.take());
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
    return Value(out.take());
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

}  // namespace

Result<Value> apply_binary(BinaryOperator op, const Value& left, const Value& right,
                           Interpreter& interpreter) {
  const std::optional<int64_t> a = left.integer();
  const std::optional<int64_t> b = right.integer();
  if (a && b) return integer_arithmetic(op, *a, *b, interpreter);
  if (left.is_number() && right.is_number()) {
    return real_arithmetic(op, left.as_real(), right.as_real(), interpreter);
  }
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

Result<Value> apply_sign(UnaryOperator op, const Value& operand, Interpreter& interpreter) {
  if (operand.real()) return Value::real(op == UnaryOperator::kMinus ? -*operand.real() : *operand.real());
  if (const std::optional<int64_t> integer = operand.integer()) {
    if (op == UnaryOperator::kPlus) return Value::integer(*integer);
    return integer_arithmetic(BinaryOperator::kSubtract, 0, *integer, interpreter);
  }
  return interpreter.fail_about(operand, fmt::format("{} has no sign", operand.described()));
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

}  // namespace hearth::jinja
