// The functions that templates find ready-made: filters, tests, methods and globals, in tables by topic.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/jinja/interpreter/interpreter.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {

/// One call of a builtin.
struct BuiltinCall {
  Interpreter& interpreter;
  const Value& subject;          // what is filtered or tested, or whose method it is
  std::vector<Value> arguments;  // one for each declared parameter; undefined where it was left out
  std::vector<bool> is_given;    // the same for whether it was not
  Arguments rest;                // what a variadic builtin got beyond its declared parameters

  Budget& budget() const { return interpreter.budget(); }
  Heap& heap() const { return interpreter.heap(); }
  Error fail(std::string_view what) const { return interpreter.fail(what); }

  bool has(size_t index) const { return is_given[index]; }
  /// The argument as a condition; `missing` where it was left out.
  bool flag(size_t index, bool missing) const { return has(index) ? arguments[index].truthy() : missing; }
  // These fail, naming the builtin and the argument, where it is of another type.
  Result<int64_t> integer(size_t index, int64_t missing) const;
  Result<Text> text(size_t index, std::string_view missing) const;
  /// str(subject)
  Text subject_text() const;
  /// The subject itself, where nothing but a string will do.
  Result<Text> subject_string() const;

  const struct Builtin& builtin;
};

using BuiltinFunction = Result<Value> (*)(BuiltinCall& call);

struct Builtin {
  std::string_view name;
  BuiltinFunction function;
  size_t required = 0;                           // how many of the parameters must be given
  std::array<std::string_view, 5> parameters{};  // in order; "" after the last
  bool is_variadic = false;                      // takes any further arguments
};

/// Binds the arguments to the builtin's parameters and calls it. Fails where they do not fit.
Result<Value> call_builtin(const Builtin& builtin, const Value& subject, Arguments arguments,
                           Interpreter& interpreter);

// Null where there is none of that name.
const Builtin* find_filter(std::string_view name);
const Builtin* find_test(std::string_view name);
const Builtin* find_global(std::string_view name);
/// A method of a string, list or dict.
const Builtin* find_method(const Value& object, std::string_view name);

// The tables, each in a file of its own.
std::span<const Builtin> text_filters();
std::span<const Builtin> layout_filters();
std::span<const Builtin> html_filters();
std::span<const Builtin> urlize_filter();
std::span<const Builtin> number_filters();
std::span<const Builtin> sequence_filters();
std::span<const Builtin> grouping_filters();
std::span<const Builtin> json_filters();
std::span<const Builtin> builtin_tests();
std::span<const Builtin> global_functions();
std::span<const Builtin> string_methods();
std::span<const Builtin> list_methods();
std::span<const Builtin> dict_methods();

/// A builtin as a value: a global, or a method bound to its object.
class BoundBuiltin final : public Object {
 public:
  BoundBuiltin(const Builtin& builtin, Value subject) : builtin_(builtin), subject_(std::move(subject)) {}
  std::string_view described() const override { return "a function"; }
  bool is_callable() const override { return true; }
  Result<Value> call(Interpreter& interpreter, Arguments arguments) override {
    return call_builtin(builtin_, subject_, std::move(arguments), interpreter);
  }

 private:
  const Builtin& builtin_;
  Value subject_;
};

}  // namespace hearth::jinja
