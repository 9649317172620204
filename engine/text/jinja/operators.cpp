#include "engine/text/jinja/operators.h"

#include <fmt/format.h>

#include "engine/text/jinja/compare.h"
#include "engine/text/jinja/html.h"
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

}  // namespace hearth::jinja
