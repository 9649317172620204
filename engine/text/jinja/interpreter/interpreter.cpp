#include "engine/text/jinja/interpreter/interpreter.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/nearest_name.h"
#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {

Interpreter::Interpreter(const Limits& limits, int64_t now, Manner manner)
    : budget_(limits), heap_(budget_), scope_(std::make_shared<Scope>(nullptr)), now_(now), manner_(manner) {}

Result<Text> Interpreter::render(const Block& block) {
  TextBuilder out(budget_);
  out_ = &out;
  HEARTH_TRY(execute(block));
  if (budget_.exhausted()) return limit_error();
  return out.take();
}

Result<Value> Interpreter::value_of(const Expression& expression) {
  HEARTH_ASSIGN(Value value, evaluate(expression));
  if (is_strict() && value.is_undefined()) return fail_about(value, "");
  return value;
}

Error Interpreter::fail(std::string_view what) const {
  return {ErrorCode::kInvalidArgument, fmt::format("line {}: {}", line_, what)};
}

Error Interpreter::limit_error() const { return fail("the template " + budget_.reason()); }

Error Interpreter::fail_about(const Value& value, std::string_view what) const {
  if (!value.undefined()) return fail(what);
  const auto& [description, nearest] = *value.undefined();
  const std::string_view named = description.empty() ? "a value" : description.bytes();
  if (!nearest.empty())
    return fail(fmt::format("{} is undefined; did you mean '{}'?", named, nearest.bytes()));
  return fail(fmt::format("{} is undefined; pass it, or test it with 'is defined' first", named));
}

Result<bool> Interpreter::holds(const Value& value) const {
  if (is_strict() && value.is_undefined()) return fail_about(value, "");
  return value.truthy();
}

Result<void> Interpreter::write_output(const Value& value) {
  if (is_strict() && value.is_undefined()) return fail_about(value, "");
  escapes_ ? out_->append(to_safe_text(value, budget_)) : print(value, *out_);
  return {};
}

const Value* Interpreter::find_name(std::string_view name) const {
  for (const Scope* scope = scope_.get(); scope != nullptr; scope = scope->outside.get()) {
    const auto found = scope->names.find(name);
    if (found != scope->names.end()) return &found->second;
  }
  return nullptr;
}

Text Interpreter::nearest_to(std::string_view name) const {
  if (!is_strict()) return {};
  std::vector<std::string> names;
  for (const Scope* scope = scope_.get(); scope != nullptr; scope = scope->outside.get()) {
    for (const auto& [known, value] : scope->names) names.emplace_back(known);
  }
  return {nearest_name(name, names), Origin::kTemplate};
}

Result<Value> Interpreter::call(const Value& callee, Arguments arguments) {
  Object* object = callee.object();
  if (object == nullptr || !object->is_callable()) {
    return fail_about(callee, fmt::format("{} cannot be called", callee.described()));
  }
  return object->call(*this, std::move(arguments));
}

Result<Value> Interpreter::apply_filter(std::string_view name, const Value& input, Arguments arguments) {
  const Builtin* filter = find_filter(name);
  if (filter == nullptr) return fail(fmt::format("there is no filter named '{}'", name));
  return call_builtin(*filter, input, std::move(arguments), *this);
}

Result<bool> Interpreter::apply_test(std::string_view name, const Value& input, Arguments arguments) {
  const Builtin* test = find_test(name);
  if (test == nullptr) return fail(fmt::format("there is no test named '{}'", name));
  HEARTH_ASSIGN(const Value result, call_builtin(*test, input, std::move(arguments), *this));
  return result.truthy();
}

Result<Value> Interpreter::evaluate(const Expression& expression) {
  const Level level(budget_);
  budget_.spend(1);
  const int outer_line = std::exchange(line_, expression.line);
  if (budget_.exhausted()) return limit_error();
  Result<Value> value = std::visit([&](const auto& node) { return evaluate_node(node); }, expression.node);
  if (value.ok() && budget_.exhausted()) return limit_error();
  line_ = outer_line;
  return value;
}

Result<Value> Interpreter::evaluate_optional(const ExpressionPtr& expression, Value missing) {
  if (expression == nullptr) return missing;
  return evaluate(*expression);
}

Result<Value> Interpreter::evaluate_node(const Literal& literal) { return literal.value; }

Result<Value> Interpreter::evaluate_node(const Name& name) {
  if (const Value* found = find_name(name.name)) return *found;
  if (const Builtin* global = find_global(name.name)) {
    return Value(heap_.make<BoundBuiltin>(*global, Value()));
  }
  return Value(Undefined{Text("'" + name.name + "'", Origin::kTemplate), nearest_to(name.name)});
}

Result<Value> Interpreter::evaluate_node(const ListLiteral& list) {
  std::vector<Value> items;
  items.reserve(list.items.size());
  for (const Expression& expression : list.items) {
    HEARTH_ASSIGN(Value item, evaluate(expression));
    items.push_back(std::move(item));
  }
  return Value(list.is_tuple ? heap_.tuple(std::move(items)) : heap_.list(std::move(items)));
}

Result<Value> Interpreter::evaluate_node(const DictLiteral& literal) {
  Dict* dict = heap_.make<Dict>();
  for (const auto& [key_expression, value_expression] : literal.entries) {
    HEARTH_ASSIGN(const Value key, evaluate(key_expression));
    HEARTH_ASSIGN(Value value, evaluate(value_expression));
    HEARTH_TRY(set_item(*dict, key, std::move(value), *this));
  }
  return Value(dict);
}

Result<Value> Interpreter::evaluate_node(const AttributeOf& attribute) {
  HEARTH_ASSIGN(const Value object, evaluate(*attribute.object));
  return attribute_of(object, attribute.name, *this);
}

Result<Value> Interpreter::evaluate_node(const ItemOf& item) {
  HEARTH_ASSIGN(const Value object, evaluate(*item.object));
  HEARTH_ASSIGN(const Value index, evaluate(*item.index));
  return item_of(object, index, *this);
}

Result<Value> Interpreter::evaluate_node(const SliceOf& slice) {
  HEARTH_ASSIGN(const Value object, evaluate(*slice.object));
  HEARTH_ASSIGN(const Value start, evaluate_optional(slice.start, None()));
  HEARTH_ASSIGN(const Value stop, evaluate_optional(slice.stop, None()));
  HEARTH_ASSIGN(const Value step, evaluate_optional(slice.step, None()));
  return slice_of(object, start, stop, step, *this);
}

Result<Arguments> Interpreter::evaluate_arguments(const ArgumentList& list) {
  Arguments arguments;
  for (const Expression& expression : list.positional) {
    HEARTH_ASSIGN(Value value, evaluate(expression));
    arguments.positional.push_back(std::move(value));
  }
  for (const auto& [name, expression] : list.named) {
    HEARTH_ASSIGN(Value value, evaluate(expression));
    arguments.named.emplace_back(name, std::move(value));
  }
  if (list.more_positional || list.more_named) HEARTH_TRY(add_spread_arguments(list, arguments));
  return arguments;
}

Result<void> Interpreter::add_spread_arguments(const ArgumentList& list, Arguments& arguments) {
  if (list.more_positional) {
    HEARTH_ASSIGN(const Value more, evaluate(*list.more_positional));
    HEARTH_ASSIGN(const std::vector<Value> items, items_of(more, *this));
    arguments.positional.insert(arguments.positional.end(), items.begin(), items.end());
  }
  if (list.more_named) {
    HEARTH_ASSIGN(const Value more, evaluate(*list.more_named));
    if (!more.dict()) return fail_about(more, fmt::format("** needs a dict, not {}", more.described()));
    for (const Dict::Entry& entry : more.dict()->entries()) {
      if (!entry.key.text()) return fail("** needs a dict whose keys are strings");
      arguments.named.emplace_back(entry.key.text()->bytes(), entry.value);
    }
  }
  return {};
}

/// Methods and globals are called in place, without making a value of the function first.
Result<Value> Interpreter::evaluate_node(const CallOf& call) {
  if (const auto* attribute = std::get_if<AttributeOf>(&call.callee->node)) {
    HEARTH_ASSIGN(const Value object, evaluate(*attribute->object));
    if (const Builtin* method = find_method(object, attribute->name)) {
      HEARTH_ASSIGN(Arguments arguments, evaluate_arguments(call.arguments));
      return call_builtin(*method, object, std::move(arguments), *this);
    }
    HEARTH_ASSIGN(const Value callee, attribute_of(object, attribute->name, *this));
    HEARTH_ASSIGN(Arguments arguments, evaluate_arguments(call.arguments));
    return this->call(callee, std::move(arguments));
  }
  if (const auto* name = std::get_if<Name>(&call.callee->node); name && !find_name(name->name)) {
    if (const Builtin* global = find_global(name->name)) {
      HEARTH_ASSIGN(Arguments arguments, evaluate_arguments(call.arguments));
      return call_builtin(*global, Value(), std::move(arguments), *this);
    }
  }
  HEARTH_ASSIGN(const Value callee, evaluate(*call.callee));
  HEARTH_ASSIGN(Arguments arguments, evaluate_arguments(call.arguments));
  return this->call(callee, std::move(arguments));
}

Result<Value> Interpreter::evaluate_node(const FilterOf& filter) {
  Value input;
  if (filter.input) {
    HEARTH_ASSIGN(input, evaluate(*filter.input));
  } else {
    input = *filter_input_;
  }
  HEARTH_ASSIGN(Arguments arguments, evaluate_arguments(filter.arguments));
  return apply_filter(filter.name, input, std::move(arguments));
}

Result<Value> Interpreter::evaluate_node(const TestOf& test) {
  HEARTH_ASSIGN(const Value input, evaluate(*test.input));
  HEARTH_ASSIGN(Arguments arguments, evaluate_arguments(test.arguments));
  HEARTH_ASSIGN(const bool holds, apply_test(test.name, input, std::move(arguments)));
  return Value::boolean(holds != test.negated);
}

Result<Value> Interpreter::evaluate_node(const Unary& unary) {
  HEARTH_ASSIGN(const Value operand, evaluate(*unary.operand));
  if (unary.op == UnaryOperator::kNot) {
    HEARTH_ASSIGN(const bool is_true, holds(operand));
    return Value::boolean(!is_true);
  }
  return apply_sign(unary.op, operand, *this);
}

Result<Value> Interpreter::evaluate_node(const Binary& binary) {
  HEARTH_ASSIGN(Value left, evaluate(*binary.left));
  if (binary.op == BinaryOperator::kAnd || binary.op == BinaryOperator::kOr) {
    HEARTH_ASSIGN(const bool is_true, holds(left));
    if (is_true == (binary.op == BinaryOperator::kOr)) return left;
    return evaluate(*binary.right);
  }
  HEARTH_ASSIGN(Value right, evaluate(*binary.right));
  return apply_binary(binary.op, left, right, *this);
}

Result<Value> Interpreter::evaluate_node(const Comparison& comparison) {
  HEARTH_ASSIGN(Value left, evaluate(*comparison.first));
  for (const auto& [op, expression] : comparison.rest) {
    HEARTH_ASSIGN(Value right, evaluate(expression));
    if (is_strict() && left.is_undefined()) return fail_about(left, "");
    if (is_strict() && right.is_undefined()) return fail_about(right, "");
    HEARTH_ASSIGN(const bool holds, apply_comparison(op, left, right, *this));
    if (!holds) return Value::boolean(false);
    left = std::move(right);
  }
  return Value::boolean(true);
}

Result<Value> Interpreter::evaluate_node(const Concatenation& concatenation) {
  std::vector<Value> parts;
  bool is_safe = false;
  for (const Expression& part : concatenation.parts) {
    HEARTH_ASSIGN(Value value, evaluate(part));
    is_safe = is_safe || (escapes_ && value.text() && value.text()->is_safe());
    parts.push_back(std::move(value));
  }
  TextBuilder joined(budget_);
  for (const Value& part : parts) is_safe ? joined.append(to_safe_text(part, budget_)) : print(part, joined);
  return Value(joined.take().as_safe(is_safe));
}

Result<Value> Interpreter::evaluate_node(const Conditional& conditional) {
  HEARTH_ASSIGN(const Value condition, evaluate(*conditional.condition));
  HEARTH_ASSIGN(const bool is_true, holds(condition));
  if (is_true) return evaluate(*conditional.then);
  return evaluate_optional(conditional.otherwise, Value());
}

}  // namespace hearth::jinja
