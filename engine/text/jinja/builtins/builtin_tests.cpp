// What may follow `is`: defined, string, even, in, ...
#include <fmt/format.h>

#include <cmath>

#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/characters.h"
#include "engine/text/jinja/value/string_transform.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {
namespace {

Result<Value> holds(bool value) { return Value::boolean(value); }

bool is_integer(const Value& value) { return value.is_integer() && !value.boolean(); }

Result<Value> defined(BuiltinCall& call) { return holds(!call.subject.is_undefined()); }
Result<Value> undefined(BuiltinCall& call) { return holds(call.subject.is_undefined()); }
Result<Value> none(BuiltinCall& call) { return holds(call.subject.is_none()); }
Result<Value> boolean(BuiltinCall& call) { return holds(call.subject.boolean() != nullptr); }
Result<Value> true_test(BuiltinCall& call) {
  return holds(call.subject.boolean() && *call.subject.boolean());
}
Result<Value> false_test(BuiltinCall& call) {
  return holds(call.subject.boolean() && !*call.subject.boolean());
}
Result<Value> integer(BuiltinCall& call) { return holds(is_integer(call.subject)); }
Result<Value> real(BuiltinCall& call) { return holds(call.subject.real() != nullptr); }
Result<Value> number(BuiltinCall& call) { return holds(call.subject.is_number()); }
Result<Value> string(BuiltinCall& call) { return holds(call.subject.text() != nullptr); }
Result<Value> mapping(BuiltinCall& call) { return holds(call.subject.dict() != nullptr); }
Result<Value> callable(BuiltinCall& call) {
  return holds(call.subject.object() != nullptr && call.subject.object()->is_callable());
}
Result<Value> escaped_test(BuiltinCall& call) {
  return holds(call.subject.text() && call.subject.text()->is_safe());
}

/// Undefined is an empty sequence, too.
Result<Value> iterable(BuiltinCall& call) {
  const Value& subject = call.subject;
  return holds(subject.text() || subject.list() || subject.dict() || subject.is_undefined());
}

Result<Value> filter_test(BuiltinCall& call) {
  return holds(call.subject.text() && find_filter(call.subject.text()->bytes()));
}
Result<Value> test_test(BuiltinCall& call) {
  return holds(call.subject.text() && find_test(call.subject.text()->bytes()));
}

/// Whether the remainder of a division is that.
Result<Value> leaves(BuiltinCall& call, const Value& divisor, int64_t rest) {
  HEARTH_ASSIGN(const Value remainder,
                apply_binary(BinaryOperator::kModulo, call.subject, divisor, call.interpreter));
  return holds(equals(remainder, Value::integer(rest), call.budget()));
}

Result<Value> even(BuiltinCall& call) { return leaves(call, Value::integer(2), 0); }
Result<Value> odd(BuiltinCall& call) { return leaves(call, Value::integer(2), 1); }
Result<Value> divisibleby(BuiltinCall& call) { return leaves(call, call.arguments[0], 0); }

/// Whether there are letters and all are of that case.
bool has_case(const Value& value, LetterCase wanted, Budget& budget) {
  const Text text = to_text(value, budget);
  bool any = false;
  bool all = true;
  budget.spend(text.size() / 4);
  each_character(text.bytes(), [&](char32_t c, std::string_view) {
    const LetterCase letter = case_of(c);
    any = any || letter == wanted;
    all = all && (letter == wanted || letter == LetterCase::kNone);
  });
  return any && all;
}

Result<Value> lower_test(BuiltinCall& call) {
  return holds(has_case(call.subject, LetterCase::kLower, call.budget()));
}
Result<Value> upper_test(BuiltinCall& call) {
  return holds(has_case(call.subject, LetterCase::kUpper, call.budget()));
}

/// Python's `is`: the same object, and for plain values the same type and value.
Result<Value> sameas(BuiltinCall& call) {
  const Value& a = call.subject;
  const Value& b = call.arguments[0];
  if (a.list() || b.list()) return holds(a.list() == b.list());
  if (a.dict() || b.dict()) return holds(a.dict() == b.dict());
  return holds(a.described() == b.described() && equals(a, b, call.budget()));
}

Result<Value> in(BuiltinCall& call) {
  HEARTH_ASSIGN(const bool found, is_in(call.subject, call.arguments[0], call.interpreter));
  return holds(found);
}

template <ComparisonOperator op>
Result<Value> compares(BuiltinCall& call) {
  HEARTH_ASSIGN(const bool result, apply_comparison(op, call.subject, call.arguments[0], call.interpreter));
  return holds(result);
}

constexpr BuiltinFunction kEqual = compares<ComparisonOperator::kEqual>;
constexpr BuiltinFunction kNotEqual = compares<ComparisonOperator::kNotEqual>;
constexpr BuiltinFunction kLess = compares<ComparisonOperator::kLess>;
constexpr BuiltinFunction kLessOrEqual = compares<ComparisonOperator::kLessOrEqual>;
constexpr BuiltinFunction kGreater = compares<ComparisonOperator::kGreater>;
constexpr BuiltinFunction kGreaterOrEqual = compares<ComparisonOperator::kGreaterOrEqual>;

constexpr Builtin kTests[] = {
    {"defined", defined},
    {"undefined", undefined},
    {"none", none},
    {"boolean", boolean},
    {"true", true_test},
    {"false", false_test},
    {"integer", integer},
    {"float", real},
    {"number", number},
    {"string", string},
    {"mapping", mapping},
    {"iterable", iterable},
    {"sequence", iterable},
    {"callable", callable},
    {"escaped", escaped_test},
    {"filter", filter_test},
    {"test", test_test},
    {"even", even},
    {"odd", odd},
    {"divisibleby", divisibleby, 1, {"num"}},
    {"lower", lower_test},
    {"upper", upper_test},
    {"sameas", sameas, 1, {"other"}},
    {"in", in, 1, {"seq"}},
    {"eq", kEqual, 1, {"other"}},
    {"equalto", kEqual, 1, {"other"}},
    {"==", kEqual, 1, {"other"}},
    {"ne", kNotEqual, 1, {"other"}},
    {"!=", kNotEqual, 1, {"other"}},
    {"lt", kLess, 1, {"other"}},
    {"lessthan", kLess, 1, {"other"}},
    {"<", kLess, 1, {"other"}},
    {"le", kLessOrEqual, 1, {"other"}},
    {"<=", kLessOrEqual, 1, {"other"}},
    {"gt", kGreater, 1, {"other"}},
    {"greaterthan", kGreater, 1, {"other"}},
    {">", kGreater, 1, {"other"}},
    {"ge", kGreaterOrEqual, 1, {"other"}},
    {">=", kGreaterOrEqual, 1, {"other"}},
};

}  // namespace

std::span<const Builtin> builtin_tests() { return kTests; }

}  // namespace hearth::jinja
