// A parsed template: a tree of statements and expressions. Immutable once parsed, so that one template may be
// rendered by several threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/jinja/parser/lexer.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {

struct Expression;
struct DictEntry;
struct NamedArgument;
struct ComparisonStep;
using ExpressionPtr = std::unique_ptr<Expression>;  // null where the source leaves it out

struct Literal {
  Value value;
};
struct Name {
  std::string name;
};
struct ListLiteral {
  std::vector<Expression> items;
  bool is_tuple;
};
struct DictLiteral {
  std::vector<DictEntry> entries;
};
struct AttributeOf {  // object.name
  ExpressionPtr object;
  std::string name;
};
struct ItemOf {  // object[index]
  ExpressionPtr object;
  ExpressionPtr index;
};
struct SliceOf {  // object[start:stop:step]
  ExpressionPtr object;
  ExpressionPtr start;
  ExpressionPtr stop;
  ExpressionPtr step;
};
struct ArgumentList {
  std::vector<Expression> positional;
  std::vector<NamedArgument> named;
  ExpressionPtr more_positional;  // *list
  ExpressionPtr more_named;       // **dict
};
struct CallOf {
  ExpressionPtr callee;
  ArgumentList arguments;
};
struct FilterOf {
  ExpressionPtr input;  // null at the beginning of a filter block: what the block wrote
  std::string name;
  ArgumentList arguments;
};
struct TestOf {
  ExpressionPtr input;
  std::string name;
  ArgumentList arguments;
  bool negated;
};
enum class UnaryOperator : uint8_t { kNot, kMinus, kPlus };
struct Unary {
  UnaryOperator op;
  ExpressionPtr operand;
};
enum class BinaryOperator : uint8_t {
  kAnd,
  kOr,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kModulo,
  kPower,
};
struct Binary {
  BinaryOperator op;
  ExpressionPtr left;
  ExpressionPtr right;
};
enum class ComparisonOperator : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIn,
  kNotIn,
};
struct Comparison {  // first < second <= third: each neighbouring pair must hold
  ExpressionPtr first;
  std::vector<ComparisonStep> rest;
};
struct Concatenation {  // a ~ b ~ c
  std::vector<Expression> parts;
};
struct Conditional {  // then if condition else otherwise
  ExpressionPtr condition;
  ExpressionPtr then;
  ExpressionPtr otherwise;
};

struct Expression {
  std::variant<Literal, Name, ListLiteral, DictLiteral, AttributeOf, ItemOf, SliceOf, CallOf, FilterOf,
               TestOf, Unary, Binary, Comparison, Concatenation, Conditional>
      node;
  int line;
  int depth = 1;  // levels of expressions from here down, this one included
};

inline ExpressionPtr boxed(Expression expression) {
  return std::make_unique<Expression>(std::move(expression));
}

struct DictEntry {
  Expression key;
  Expression value;
};
struct NamedArgument {
  std::string name;
  Expression value;
};
struct ComparisonStep {
  ComparisonOperator op;
  Expression operand;
};

struct Statement;
using Block = std::vector<Statement>;

/// What an assignment writes to: a name, an attribute of a namespace, or a tuple of targets.
struct Target {
  std::string name;
  std::string attribute;      // set for `name.attribute`
  std::vector<Target> parts;  // not empty for a tuple; then there is no name
};

struct Parameter {
  std::string name;
  ExpressionPtr default_value;
};

/// The body of a call block has no name but what its macro calls it by.
inline constexpr std::string_view kCallerName = "caller";

/// What a macro or a call block declares and runs.
struct MacroBody {
  std::string name;
  std::vector<Parameter> parameters;
  Block block;
  // Whether the body reads these and no parameter has their name.
  bool takes_caller = false;   // `caller`, the body of a call block
  bool takes_varargs = false;  // `varargs`, the further positional arguments
  bool takes_kwargs = false;   // `kwargs`, the further named ones
};

struct Data {
  Text text;
};
struct Output {
  Expression value;
};
struct If {
  struct Branch {
    Expression condition;
    Block block;
  };
  std::vector<Branch> branches;
  Block otherwise;
};
struct For {
  Target target;
  Expression iterable;
  ExpressionPtr condition;
  bool is_recursive;
  Block block;
  Block otherwise;
};
struct Set {
  Target target;
  Expression value;
};
struct SetBlock {
  Target target;
  ExpressionPtr filter;
  Block block;
};
struct Macro {
  MacroBody body;
};
struct CallBlock {
  Expression call;  // its node is a CallOf
  MacroBody caller;
};
struct FilterBlock {
  Expression filter;
  Block block;
};
struct With {
  struct Assignment {
    Target target;
    Expression value;
  };
  std::vector<Assignment> assignments;
  Block block;
};
/// {% generation %}: marks what the model writes, for training; to a rendering it is only a scope.
struct Generation {
  Block block;
};
/// {% autoescape condition %}
struct Autoescape {
  Expression condition;
  Block block;
};
struct Break {};
struct Continue {};

struct Statement {
  std::variant<Data, Output, If, For, Set, SetBlock, Macro, CallBlock, FilterBlock, With, Generation,
               Autoescape, Break, Continue>
      node;
  int line;
};

/// The tree of a template's source. INVALID_MODEL with the line, the column and what was expected there.
Result<Block> parse(std::string_view source, const Whitespace& whitespace);

}  // namespace hearth::jinja
