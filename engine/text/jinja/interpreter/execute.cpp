// The half of the Interpreter that runs statements.
#include <fmt/format.h>

#include "engine/text/jinja/interpreter/interpreter.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {

Result<Interpreter::Flow> Interpreter::execute(const Block& block) {
  for (const Statement& statement : block) {
    HEARTH_ASSIGN(const Flow flow, execute_statement(statement));
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::execute_statement(const Statement& statement) {
  const Level level(budget_);
  budget_.spend(1);
  line_ = statement.line;
  if (budget_.exhausted()) return limit_error();
  return std::visit([&](const auto& node) { return execute_node(node); }, statement.node);
}

Result<Interpreter::Flow> Interpreter::execute_node(const Data& data) {
  out_->append(data.text);
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::execute_node(const Output& output) {
  HEARTH_ASSIGN(const Value value, evaluate(output.value));
  HEARTH_TRY(write_output(value));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::execute_node(const If& statement) {
  for (const If::Branch& branch : statement.branches) {
    HEARTH_ASSIGN(const Value condition, evaluate(branch.condition));
    HEARTH_ASSIGN(const bool is_true, holds(condition));
    if (is_true) return execute(branch.block);
  }
  return execute(statement.otherwise);
}

Result<Text> Interpreter::capture(const Block& block) {
  TextBuilder out(budget_);
  TextBuilder* const outer = std::exchange(out_, &out);
  const Result<Flow> flow = execute(block);
  out_ = outer;
  if (!flow.ok()) return flow.error();
  return out.take();
}

Result<Interpreter::Flow> Interpreter::execute_node(const Set& set) {
  HEARTH_ASSIGN(const Value value, evaluate(set.value));
  HEARTH_TRY(assign(set.target, value));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::execute_node(const SetBlock& set) {
  HEARTH_ASSIGN(Text written, capture_in_new_scope(set.block));
  Value value(written.as_safe(escapes_));
  if (set.filter) {
    HEARTH_ASSIGN(value, apply_block_filter(*set.filter, value));
  }
  if (autoescape_) value = to_text(value, budget_).as_safe();
  HEARTH_TRY(assign(set.target, value));
  return Flow::kNext;
}

Result<Text> Interpreter::capture_in_new_scope(const Block& block) {
  const ScopeGuard guard(*this, std::make_shared<Scope>(scope_));
  return capture(block);
}

Result<Value> Interpreter::apply_block_filter(const Expression& filter, const Value& written) {
  const Value* const outer = std::exchange(filter_input_, &written);
  Result<Value> value = evaluate(filter);
  filter_input_ = outer;
  return value;
}

Result<Interpreter::Flow> Interpreter::execute_node(const FilterBlock& block) {
  HEARTH_ASSIGN(Text written, capture_in_new_scope(block.block));
  HEARTH_ASSIGN(const Value filtered, apply_block_filter(block.filter, Value(written.as_safe(escapes_))));
  print(filtered, *out_);
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::execute_node(const With& with) {
  auto inside = std::make_shared<Scope>(scope_);
  std::vector<Value> values;  // all of them are computed outside of the new scope
  for (const auto& [target, expression] : with.assignments) {
    HEARTH_ASSIGN(Value value, evaluate(expression));
    values.push_back(std::move(value));
  }
  const ScopeGuard guard(*this, std::move(inside));
  for (size_t i = 0; i < values.size(); ++i) HEARTH_TRY(assign(with.assignments[i].target, values[i]));
  return execute(with.block);
}

Result<Interpreter::Flow> Interpreter::execute_node(const Generation& generation) {
  const ScopeGuard guard(*this, std::make_shared<Scope>(scope_));
  return execute(generation.block);
}

Result<Interpreter::Flow> Interpreter::execute_node(const Autoescape& autoescape) {
  HEARTH_ASSIGN(const Value condition, evaluate(autoescape.condition));
  const ScopeGuard guard(*this, std::make_shared<Scope>(scope_));
  const bool outer_autoescape = std::exchange(autoescape_, condition.truthy());
  const bool outer_escapes = std::exchange(escapes_, autoescape_);
  Result<Flow> flow = execute(autoescape.block);
  autoescape_ = outer_autoescape;
  escapes_ = outer_escapes;
  return flow;
}

Result<Interpreter::Flow> Interpreter::execute_node(const Break&) { return Flow::kBreak; }

Result<Interpreter::Flow> Interpreter::execute_node(const Continue&) { return Flow::kContinue; }

Result<void> Interpreter::assign(const Target& target, const Value& value) {
  if (!target.parts.empty()) {
    HEARTH_ASSIGN(const std::vector<Value> items, items_of(value, *this));
    if (items.size() != target.parts.size()) {
      return fail_about(value,
                        fmt::format("{} names are assigned {} values", target.parts.size(), items.size()));
    }
    for (size_t i = 0; i < items.size(); ++i) HEARTH_TRY(assign(target.parts[i], items[i]));
    return {};
  }
  if (target.attribute.empty()) {
    scope_->names[target.name] = value;
    return {};
  }
  const Value* object = find_name(target.name);
  Namespace* space = object != nullptr && object->object() ? object->object()->as_namespace() : nullptr;
  if (space == nullptr) {
    return fail(fmt::format("'{}' is no namespace, so its attributes cannot be set; make it with namespace()",
                            target.name));
  }
  space->attributes.set(Value::text(target.attribute), value);
  return {};
}

}  // namespace hearth::jinja
