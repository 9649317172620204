#include "engine/text/jinja/macro.h"

#include <fmt/format.h>

#include <algorithm>

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

}  // namespace

Result<Value> Interpreter::call_macro(const MacroBody& macro, const std::shared_ptr<Scope>& closure,
                                      Arguments arguments) {
  const Level level(budget_);
  if (!level) return limit_error();
  auto scope = std::make_shared<Scope>(closure);
  const ScopeGuard guard(*this, scope);
  Value& caller = scope->names["caller"];
  caller = Undefined{Text("'caller'", Origin::kTemplate)};
  take_named(arguments, "caller", caller);

  const size_t given = std::min(arguments.positional.size(), macro.parameters.size());
  for (size_t i = 0; i < macro.parameters.size(); ++i) {
    const Parameter& parameter = macro.parameters[i];
    Value& value = scope->names[parameter.name];
    value = Undefined{Text("parameter '" + parameter.name + "'", Origin::kTemplate)};
    const bool is_named = take_named(arguments, parameter.name, value);
    if (is_named && i < given) {
      return fail(fmt::format("macro '{}' is given parameter '{}' twice", macro.name, parameter.name));
    }
    if (i < given) {
      value = std::move(arguments.positional[i]);
    } else if (!is_named && parameter.default_value) {
      HEARTH_ASSIGN(value, evaluate(*parameter.default_value));
    }
  }
  HEARTH_TRY(bind_further_arguments(macro, given, arguments, *scope));
  HEARTH_ASSIGN(Text written, capture(macro.block));
  return Value(std::move(written));
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
    return fail(fmt::format("macro '{}' has no parameter '{}'", macro.name, arguments.named.front().first));
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
