#include "engine/text/jinja/loop.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/value.h"

namespace hearth::jinja {
namespace {

LoopObject& loop_of(const BuiltinCall& call) { return static_cast<LoopObject&>(*call.subject.object()); }

Result<Value> cycle(BuiltinCall& call) { return loop_of(call).cycle(call.rest.positional, call.interpreter); }

Result<Value> changed(BuiltinCall& call) {
  return Value::boolean(loop_of(call).changed(std::move(call.rest.positional), call.interpreter));
}

constexpr Builtin kCycle = {.name = "cycle", .function = cycle, .is_variadic = true};
constexpr Builtin kChanged = {.name = "changed", .function = changed, .is_variadic = true};

}  // namespace

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

}  // namespace hearth::jinja
