// Runs a parsed template. One Interpreter is one rendering.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/jinja/parser/ast.h"
#include "engine/text/jinja/value/budget.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {

/// Names and what they stand for. Each loop iteration, macro call and block with a scope has its own; names
/// that it does not have are looked up outwards.
struct Scope {
  explicit Scope(std::shared_ptr<Scope> scope_outside) : outside(std::move(scope_outside)) {}

  std::map<std::string_view, Value> names;  // the keys belong to the template or to the input
  std::shared_ptr<Scope> outside;
};

/// As chat templates want it, what is undefined is written as nothing and counts as false. A strict rendering
/// lets it only be asked whether it is defined (Jinja's StrictUndefined), and reads `object.items` as the
/// key of that name, where there is one, rather than as the method.
enum class Manner : bool { kLenient, kStrict };

class Interpreter {
 public:
  /// `now` is what strftime_now shows: seconds since 1970-01-01 UTC.
  Interpreter(const Limits& limits, int64_t now, Manner manner = Manner::kLenient);

  /// A name of the outermost scope. `name` is borrowed until the rendering ends.
  void define(std::string_view name, Value value) { scope_->names[name] = std::move(value); }
  /// The same for what came from outside: every string within counts as input.
  Result<void> define_input(std::string_view name, const nlohmann::ordered_json& json);
  Result<Text> render(const Block& block);
  /// What an expression gives, of whatever type: what is undefined is an error where that is strict.
  Result<Value> value_of(const Expression& expression);
  /// A value as JSON: keys become text; what is no data (a function, an infinity) is an error.
  Result<nlohmann::ordered_json> json_of(const Value& value);

  // What builtins and operators work with.
  Budget& budget() { return budget_; }
  Heap& heap() { return heap_; }
  int64_t now() const { return now_; }
  /// Whether {% autoescape %} is on where the rendering is now, which some filters go by.
  bool autoescape() const { return autoescape_; }
  bool is_strict() const { return manner_ == Manner::kStrict; }
  /// INVALID_ARGUMENT: "line 7: <what>", which whoever renders completes with what it renders.
  Error fail(std::string_view what) const;
  /// What to return when the budget is exhausted.
  Error limit_error() const;
  /// "... is undefined" for an undefined value, otherwise "<what>".
  Error fail_about(const Value& value, std::string_view what) const;

  Result<Value> call(const Value& callee, Arguments arguments);
  Result<Value> apply_filter(std::string_view name, const Value& input, Arguments arguments);
  Result<bool> apply_test(std::string_view name, const Value& input, Arguments arguments);
  /// `escapes` is whether the macro stands where output is escaped.
  Result<Value> call_macro(const MacroBody& macro, const std::shared_ptr<Scope>& closure, bool escapes,
                           Arguments arguments);
  /// One run over `iterable` of a (recursive) loop, whose output it returns.
  Result<Value> run_loop(const For& loop, const std::shared_ptr<Scope>& closure, const Value& iterable,
                         int depth);

 private:
  enum class Flow : uint8_t { kNext, kBreak, kContinue };
  class ScopeGuard;

  // Expressions: interpreter.cpp
  Result<Value> evaluate(const Expression& expression);
  Result<Value> evaluate_node(const Literal& literal);
  Result<Value> evaluate_node(const Name& name);
  Result<Value> evaluate_node(const ListLiteral& list);
  Result<Value> evaluate_node(const DictLiteral& literal);
  Result<Value> evaluate_node(const AttributeOf& attribute);
  Result<Value> evaluate_node(const ItemOf& item);
  Result<Value> evaluate_node(const SliceOf& slice);
  Result<Value> evaluate_node(const CallOf& call);
  Result<Value> evaluate_node(const FilterOf& filter);
  Result<Value> evaluate_node(const TestOf& test);
  Result<Value> evaluate_node(const Unary& unary);
  Result<Value> evaluate_node(const Binary& binary);
  Result<Value> evaluate_node(const Comparison& comparison);
  Result<Value> evaluate_node(const Concatenation& concatenation);
  Result<Value> evaluate_node(const Conditional& conditional);
  Result<Value> evaluate_optional(const ExpressionPtr& expression, Value missing);
  Result<Arguments> evaluate_arguments(const ArgumentList& list);
  Result<void> add_spread_arguments(const ArgumentList& list, Arguments& arguments);

  // Statements: execute.cpp, loop.cpp and macro.cpp
  Result<Flow> execute(const Block& block);
  Result<Flow> execute_statement(const Statement& statement);
  Result<Flow> execute_node(const Data& data);
  Result<Flow> execute_node(const Output& output);
  Result<Flow> execute_node(const If& statement);
  Result<Flow> execute_node(const For& loop);
  Result<Flow> execute_node(const Set& set);
  Result<Flow> execute_node(const SetBlock& set);
  Result<Flow> execute_node(const Macro& macro);
  Result<Flow> execute_node(const CallBlock& block);
  Result<Flow> execute_node(const FilterBlock& block);
  Result<Flow> execute_node(const With& with);
  Result<Flow> execute_node(const Generation& generation);
  Result<Flow> execute_node(const Autoescape& autoescape);
  Result<Flow> execute_node(const Break& statement);
  Result<Flow> execute_node(const Continue& statement);
  Result<Flow> execute_loop(const For& loop, const Value& iterable, int depth);
  Result<std::vector<Value>> loop_items(const For& loop, const Value& iterable);
  /// What the block writes when run in the current scope.
  Result<Text> capture(const Block& block);
  Result<Text> capture_in_new_scope(const Block& block);
  Result<Value> apply_block_filter(const Expression& filter, const Value& written);
  Result<void> assign(const Target& target, const Value& value);
  /// Writes a value as an output tag does: escaped, where that is asked for.
  Result<void> write_output(const Value& value);
  /// The value as a condition.
  Result<bool> holds(const Value& value) const;

  Result<void> bind_further_arguments(const MacroBody& macro, size_t bound, Arguments& arguments,
                                      Scope& scope);
  const Value* find_name(std::string_view name) const;
  /// The name that may be meant by one that there is not; empty where that is no error.
  Text nearest_to(std::string_view name) const;

  Budget budget_;
  Heap heap_;
  std::shared_ptr<Scope> scope_;
  TextBuilder* out_ = nullptr;           // where output goes now
  const Value* filter_input_ = nullptr;  // what a filter block wrote, while its filters are applied
  const int64_t now_;
  const Manner manner_;
  int line_ = 1;
  // {% autoescape %} holds for what is called from within it, too (autoescape_), but output is escaped only
  // where it stands within one (escapes_).
  bool autoescape_ = false;
  bool escapes_ = false;
};

/// Makes a scope the current one, for as long as it lives.
class Interpreter::ScopeGuard {
 public:
  ScopeGuard(Interpreter& interpreter, std::shared_ptr<Scope> scope)
      : interpreter_(interpreter), before_(std::exchange(interpreter.scope_, std::move(scope))) {}
  ~ScopeGuard() { interpreter_.scope_ = std::move(before_); }
  ScopeGuard(const ScopeGuard&) = delete;
  ScopeGuard& operator=(const ScopeGuard&) = delete;

 private:
  Interpreter& interpreter_;
  std::shared_ptr<Scope> before_;
};

}  // namespace hearth::jinja
