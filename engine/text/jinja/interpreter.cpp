#include "engine/text/jinja/interpreter.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/html.h"
#include "engine/text/jinja/print.h"

namespace hearth::jinja {

Interpreter::Interpreter(const Limits& limits, int64_t now)
    : budget_(limits), heap_(budget_), scope_(std::make_shared<Scope>(nullptr)), now_(now) {}

Result<Text> Interpreter::render(const Block& block) {
  TextBuilder out(budget_);
  out_ = &out;
  HEARTH_TRY(execute(block));
  if (budget_.exhausted()) return limit_error();
  return out.take();
}

Error Interpreter::fail(std::string_view what) const {
  return {ErrorCode::kInvalidArgument, fmt::format("chat template, line {}: {}", line_, what)};
}

Error Interpreter::limit_error() const { return fail("the template " + budget_.reason()); }

Error Interpreter::fail_about(const Value& value, std::string_view what) const {
  if (!value.undefined()) return fail(what);
  const Text& description = value.undefined()->description;
  return fail(fmt::format("{} is undefined; pass it, or test it with 'is defined' first",
                          description.empty() ? "a value" : description.bytes()));
}

void Interpreter::write_output(const Value& value) {
  escapes_ ? out_->append(to_safe_text(value, budget_)) : print(value, *out_);
}

const Value* Interpreter::find_name(std::string_view name) const {
  for (const Scope* scope = scope_.get(); scope != nullptr; scope = scope->outside.get()) {
    const auto found = scope->names.find(name);
    if (found != scope->names.end()) return &found->second;
  }
  return nullptr;
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

}  // namespace hearth::jinja
