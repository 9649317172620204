#include "engine/text/jinja/interpreter/builtin.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {
namespace {

using Table = std::unordered_map<std::string_view, const Builtin*>;

Table table_of(std::initializer_list<std::span<const Builtin>> topics) {
  Table table;
  for (const std::span<const Builtin> topic : topics) {
    for (const Builtin& builtin : topic) table.emplace(builtin.name, &builtin);
  }
  return table;
}

const Builtin* find_in(const Table& table, std::string_view name) {
  const auto found = table.find(name);
  return found == table.end() ? nullptr : found->second;
}

size_t parameter_count(const Builtin& builtin) {
  const auto& names = builtin.parameters;
  return static_cast<size_t>(std::find(names.begin(), names.end(), "") - names.begin());
}

Result<void> bind_named(BuiltinCall& call, Arguments& arguments) {
  const Builtin& builtin = call.builtin;
  for (auto& [name, value] : arguments.named) {
    const auto place = std::find(builtin.parameters.begin(), builtin.parameters.end(), name);
    const auto index = static_cast<size_t>(place - builtin.parameters.begin());
    if (name.empty() || index >= call.is_given.size()) {
      if (!builtin.is_variadic) {
        return call.fail(fmt::format("{} has no parameter '{}'", builtin.name, name));
      }
      call.rest.named.emplace_back(std::move(name), std::move(value));
      continue;
    }
    if (call.is_given[index]) return call.fail(fmt::format("{} is given '{}' twice", builtin.name, name));
    call.is_given[index] = true;
    call.arguments[index] = std::move(value);
  }
  return {};
}

Result<void> bind(BuiltinCall& call, Arguments& arguments) {
  const Builtin& builtin = call.builtin;
  const size_t parameters = parameter_count(builtin);
  call.is_given.resize(parameters, false);
  call.arguments.resize(parameters);
  for (size_t i = 0; i < arguments.positional.size(); ++i) {
    if (i < parameters) {
      call.is_given[i] = true;
      call.arguments[i] = std::move(arguments.positional[i]);
    } else if (builtin.is_variadic) {
      call.rest.positional.push_back(std::move(arguments.positional[i]));
    } else {
      return call.fail(fmt::format("{} takes at most {} arguments, not {}", builtin.name, parameters,
                                   arguments.positional.size()));
    }
  }
  HEARTH_TRY(bind_named(call, arguments));
  for (size_t i = 0; i < builtin.required; ++i) {
    if (!call.is_given[i])
      return call.fail(fmt::format("{} needs its argument '{}'", builtin.name, builtin.parameters[i]));
  }
  return {};
}

}  // namespace

Result<int64_t> BuiltinCall::integer(size_t index, int64_t missing) const {
  if (!has(index)) return missing;
  if (const std::optional<int64_t> value = arguments[index].integer()) return *value;
  return interpreter.fail_about(arguments[index],
                                fmt::format("{} takes an integer of 64 bits as '{}', not {}", builtin.name,
                                            builtin.parameters[index], arguments[index].described()));
}

Result<Text> BuiltinCall::text(size_t index, std::string_view missing) const {
  if (!has(index)) return Text(missing, Origin::kTemplate);
  if (const Text* value = arguments[index].text()) return *value;
  return interpreter.fail_about(arguments[index],
                                fmt::format("{} takes a string as '{}', not {}", builtin.name,
                                            builtin.parameters[index], arguments[index].described()));
}

Text BuiltinCall::subject_text() const { return to_text(subject, budget()); }

Result<Text> BuiltinCall::subject_string() const {
  if (subject.text()) return *subject.text();
  return interpreter.fail_about(subject,
                                fmt::format("{} needs a string, not {}", builtin.name, subject.described()));
}

Result<Value> call_builtin(const Builtin& builtin, const Value& subject, Arguments arguments,
                           Interpreter& interpreter) {
  const Level level(interpreter.budget());
  if (!level) return interpreter.limit_error();
  BuiltinCall call{interpreter, subject, {}, {}, {}, builtin};
  HEARTH_TRY(bind(call, arguments));
  return builtin.function(call);
}

const Builtin* find_filter(std::string_view name) {
  static const Table filters =
      table_of({text_filters(), layout_filters(), html_filters(), urlize_filter(), number_filters(),
                sequence_filters(), grouping_filters(), json_filters()});
  return find_in(filters, name);
}

const Builtin* find_test(std::string_view name) {
  static const Table tests = table_of({builtin_tests()});
  return find_in(tests, name);
}

const Builtin* find_global(std::string_view name) {
  static const Table globals = table_of({global_functions()});
  return find_in(globals, name);
}

const Builtin* find_method(const Value& object, std::string_view name) {
  static const Table of_strings = table_of({string_methods()});
  static const Table of_lists = table_of({list_methods()});
  static const Table of_dicts = table_of({dict_methods()});
  if (object.text()) return find_in(of_strings, name);
  if (object.list()) return find_in(of_lists, name);
  return object.dict() ? find_in(of_dicts, name) : nullptr;
}

}  // namespace hearth::jinja
