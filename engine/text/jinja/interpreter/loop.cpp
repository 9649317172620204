// The for block and its `loop` variable.
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {
namespace {

class LoopObject final : public Object {
 public:
  /// Borrows the statement from the template. `depth` is 1 for a loop that no recursion of itself encloses.
  LoopObject(const For& loop, std::shared_ptr<Scope> closure, std::vector<Value> items, int depth)
      : loop_(loop), closure_(std::move(closure)), items_(std::move(items)), depth_(depth) {}

  const std::vector<Value>& items() const { return items_; }
  void move_to(size_t index) { index_ = index; }

  std::string_view described() const override { return "the loop variable"; }
  std::string shown() const override;
  std::optional<Value> attribute(std::string_view name, Interpreter& interpreter) const override;
  /// loop(children): the same loop over them, in a recursive one.
  bool is_callable() const override { return true; }
  Result<Value> call(Interpreter& interpreter, Arguments arguments) override;

  /// loop.cycle(a, b, ...): the argument whose turn it is.
  Result<Value> cycle(const std::vector<Value>& choices, Interpreter& interpreter) const;
  /// loop.changed(...): whether the arguments differ from those of the last call.
  bool changed(std::vector<Value> now, Interpreter& interpreter);

 private:
  const For& loop_;
  std::shared_ptr<Scope> closure_;
  std::vector<Value> items_;
  size_t index_ = 0;
  int depth_;
  std::optional<std::vector<Value>> last_seen_;
};

LoopObject& loop_of(const BuiltinCall& call) { return static_cast<LoopObject&>(*call.subject.object()); }

Result<Value> cycle(BuiltinCall& call) { return loop_of(call).cycle(call.rest.positional, call.interpreter); }

Result<Value> changed(BuiltinCall& call) {
  return Value::boolean(loop_of(call).changed(std::move(call.rest.positional), call.interpreter));
}

constexpr Builtin kCycle = {.name = "cycle", .function = cycle, .is_variadic = true};
constexpr Builtin kChanged = {.name = "changed", .function = changed, .is_variadic = true};

std::string LoopObject::shown() const { return fmt::format("LoopContext {}/{}", index_ + 1, items_.size()); }

std::optional<Value> LoopObject::attribute(std::string_view name, Interpreter& interpreter) const {
  const auto length = static_cast<int64_t>(items_.size());
  const auto index = static_cast<int64_t>(index_);
  if (name == "index") return Value::integer(index + 1);
  if (name == "index0") return Value::integer(index);
  if (name == "revindex") return Value::integer(length - index);
  if (name == "revindex0") return Value::integer(length - index - 1);
  if (name == "first") return Value::boolean(index == 0);
  if (name == "last") return Value::boolean(index + 1 == length);
  if (name == "length") return Value::integer(length);
  if (name == "depth") return Value::integer(depth_);
  if (name == "depth0") return Value::integer(depth_ - 1);
  if (name == "previtem" && index > 0) return items_[index_ - 1];
  if (name == "nextitem" && index + 1 < length) return items_[index_ + 1];
  const Builtin* method = name == "cycle" ? &kCycle : name == "changed" ? &kChanged : nullptr;
  if (method == nullptr) return std::nullopt;
  // The bound method calls back through the object, so it may change what this const view cannot.
  return Value(interpreter.heap().make<BoundBuiltin>(*method, Value(const_cast<LoopObject*>(this))));
}

Result<Value> LoopObject::call(Interpreter& interpreter, Arguments arguments) {
  if (!loop_.is_recursive)
    return interpreter.fail("this loop is not recursive; write {% for ... recursive %}");
  if (arguments.positional.size() != 1 || !arguments.named.empty()) {
    return interpreter.fail("loop(...) takes one argument, the items of the inner loop");
  }
  return interpreter.run_loop(loop_, closure_, arguments.positional[0], depth_ + 1);
}

Result<Value> LoopObject::cycle(const std::vector<Value>& choices, Interpreter& interpreter) const {
  if (choices.empty()) return interpreter.fail("loop.cycle needs something to cycle through");
  return choices[index_ % choices.size()];
}

bool LoopObject::changed(std::vector<Value> now, Interpreter& interpreter) {
  const bool same = last_seen_ && std::equal(now.begin(), now.end(), last_seen_->begin(), last_seen_->end(),
                                             [&](const Value& a, const Value& b) {
                                               return equals(a, b, interpreter.budget());
                                             });
  last_seen_ = std::move(now);
  return !same;
}

}  // namespace

Result<Interpreter::Flow> Interpreter::execute_node(const For& loop) {
  HEARTH_ASSIGN(const Value iterable, evaluate(loop.iterable));
  return execute_loop(loop, iterable, 1);
}

Result<Interpreter::Flow> Interpreter::execute_loop(const For& loop, const Value& iterable, int depth) {
  HEARTH_ASSIGN(std::vector<Value> items, loop_items(loop, iterable));
  const std::shared_ptr<Scope> outside = scope_;
  auto* object = heap_.make<LoopObject>(loop, outside, std::move(items), depth);
  bool has_finished = false;
  for (size_t i = 0; i < object->items().size(); ++i) {
    const ScopeGuard guard(*this, std::make_shared<Scope>(outside));
    object->move_to(i);
    scope_->names["loop"] = Value(object);
    HEARTH_TRY(assign(loop.target, object->items()[i]));
    HEARTH_ASSIGN(const Flow flow, execute(loop.block));
    if (flow == Flow::kBreak) break;
    has_finished = has_finished || flow == Flow::kNext;
  }
  // As in Jinja, the else block is for loops whose block never got to its end: what ends with break or
  // continue counts as nothing.
  if (has_finished || loop.otherwise.empty()) return Flow::kNext;
  const ScopeGuard guard(*this, std::make_shared<Scope>(outside));
  return execute(loop.otherwise);
}

/// The items to visit: those for which the loop's condition holds.
Result<std::vector<Value>> Interpreter::loop_items(const For& loop, const Value& iterable) {
  HEARTH_ASSIGN(std::vector<Value> items, items_of(iterable, *this));
  if (!loop.condition) return items;
  std::vector<Value> chosen;
  for (Value& item : items) {
    const ScopeGuard guard(*this, std::make_shared<Scope>(scope_));
    HEARTH_TRY(assign(loop.target, item));
    HEARTH_ASSIGN(const Value condition, evaluate(*loop.condition));
    HEARTH_ASSIGN(const bool is_chosen, holds(condition));
    if (is_chosen) chosen.push_back(std::move(item));
  }
  return chosen;
}

Result<Value> Interpreter::run_loop(const For& loop, const std::shared_ptr<Scope>& closure,
                                    const Value& iterable, int depth) {
  const Level level(budget_);
  if (!level) return limit_error();
  const ScopeGuard guard(*this, closure);
  TextBuilder out(budget_);
  TextBuilder* const outer = std::exchange(out_, &out);
  const Result<Flow> flow = execute_loop(loop, iterable, depth);
  out_ = outer;
  if (!flow.ok()) return flow.error();
  return Value(out.take().as_safe(escapes_));
}

}  // namespace hearth::jinja
