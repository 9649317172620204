// Macros, and call blocks, whose body the macro calls as `caller`.
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/interpreter/interpreter.h"

namespace hearth::jinja {
namespace {

/// Moves the argument of that name, if there is one, from the named ones to `value`.
bool take_named(Arguments& arguments, std::string_view name, Value& value) {
  const auto found = std::find_if(arguments.named.begin(), arguments.named.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  if (found == arguments.named.end()) return false;
  value = std::move(found->second);
  arguments.named.erase(found);
  return true;
}

bool has_parameter(const MacroBody& macro, std::string_view name) {
  return std::any_of(macro.parameters.begin(), macro.parameters.end(),
                     [&](const Parameter& parameter) { return parameter.name == name; });
}

class MacroObject final : public Object {
 public:
  /// Borrows the body from the template, which outlives the rendering.
  MacroObject(const MacroBody& body, std::shared_ptr<Scope> closure, bool escapes)
      : body_(body), closure_(std::move(closure)), escapes_(escapes) {}

  std::string_view described() const override { return "a macro"; }
  std::string shown() const override;
  std::optional<Value> attribute(std::string_view name, Interpreter& interpreter) const override;
  bool is_callable() const override { return true; }
  Result<Value> call(Interpreter& interpreter, Arguments arguments) override {
    return interpreter.call_macro(body_, closure_, escapes_, std::move(arguments));
  }

 private:
  const MacroBody& body_;
  std::shared_ptr<Scope> closure_;
  const bool escapes_;
};

std::string MacroObject::shown() const {
  return body_.name == kCallerName ? "Macro anonymous" : fmt::format("Macro '{}'", body_.name);
}

std::optional<Value> MacroObject::attribute(std::string_view name, Interpreter& interpreter) const {
  if (name == "name") return Value::text(body_.name);
  if (name == "caller") return Value::boolean(body_.takes_caller || has_parameter(body_, "caller"));
  if (name == "catch_varargs") return Value::boolean(body_.takes_varargs);
  if (name == "catch_kwargs") return Value::boolean(body_.takes_kwargs);
  if (name != "arguments") return std::nullopt;
  std::vector<Value> names;
  for (const Parameter& parameter : body_.parameters) names.push_back(Value::text(parameter.name));
  return Value(interpreter.heap().tuple(std::move(names)));
}

}  // namespace

Result<Interpreter::Flow> Interpreter::execute_node(const Macro& macro) {
  scope_->names[macro.body.name] = Value(heap_.make<MacroObject>(macro.body, scope_, escapes_));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::execute_node(const CallBlock& block) {
  const auto& call = std::get<CallOf>(block.call.node);
  HEARTH_ASSIGN(const Value callee, evaluate(*call.callee));
  HEARTH_ASSIGN(Arguments arguments, evaluate_arguments(call.arguments));
  arguments.named.emplace_back("caller", Value(heap_.make<MacroObject>(block.caller, scope_, escapes_)));
  HEARTH_ASSIGN(const Value written, this->call(callee, std::move(arguments)));
  print(written, *out_);
  return Flow::kNext;
}

Result<Value> Interpreter::call_macro(const MacroBody& macro, const std::shared_ptr<Scope>& closure,
                                      bool escapes, Arguments arguments) {
  const Level level(budget_);
  if (!level) return limit_error();
  auto scope = std::make_shared<Scope>(closure);
  const ScopeGuard guard(*this, scope);
  const bool outer_escapes = std::exchange(escapes_, escapes);
  if (macro.takes_caller) {
    Value& caller = scope->names["caller"];
    caller = Undefined{Text("'caller'", Origin::kTemplate)};
    take_named(arguments, "caller", caller);
  }
  const size_t given = std::min(arguments.positional.size(), macro.parameters.size());
  for (size_t i = 0; i < macro.parameters.size(); ++i) {
    const Parameter& parameter = macro.parameters[i];
    Value& value = scope->names[parameter.name];
    value = Undefined{Text("parameter '" + parameter.name + "'", Origin::kTemplate)};
    if (i < given) {
      value = std::move(arguments.positional[i]);
    } else if (!take_named(arguments, parameter.name, value) && parameter.default_value) {
      HEARTH_ASSIGN(value, evaluate(*parameter.default_value));
    }
  }
  HEARTH_TRY(bind_further_arguments(macro, given, arguments, *scope));
  HEARTH_ASSIGN(const Text written, capture(macro.block));
  escapes_ = outer_escapes;
  return Value(written.as_safe(autoescape_));
}

Result<void> Interpreter::bind_further_arguments(const MacroBody& macro, size_t bound, Arguments& arguments,
                                                 Scope& scope) {
  arguments.positional.erase(arguments.positional.begin(),
                             arguments.positional.begin() + static_cast<std::ptrdiff_t>(bound));
  if (!arguments.positional.empty() && !macro.takes_varargs) {
    return fail(fmt::format("macro '{}' takes {} arguments, but is given {} more", macro.name,
                            macro.parameters.size(), arguments.positional.size()));
  }
  if (!arguments.named.empty() && !macro.takes_kwargs) {
    const std::string& name = arguments.named.front().first;
    if (has_parameter(macro, name)) {
      return fail(fmt::format("macro '{}' is given parameter '{}' twice", macro.name, name));
    }
    if (name == "caller") {
      return fail(fmt::format("macro '{}' is called with a block, which it does not use: it has no caller()",
                              macro.name));
    }
    return fail(fmt::format("macro '{}' has no parameter '{}'", macro.name, name));
  }
  if (macro.takes_varargs) scope.names["varargs"] = heap_.tuple(std::move(arguments.positional));
  if (macro.takes_kwargs) {
    Dict* kwargs = heap_.make<Dict>();
    for (auto& [name, value] : arguments.named) kwargs->set(Value::text(name), std::move(value));
    scope.names["kwargs"] = kwargs;
  }
  return {};
}

}  // namespace hearth::jinja
