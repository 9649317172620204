// Expressions, by Jinja's grammar and precedence, from loosest to tightest:
// if-else, or, and, not, comparisons, + -, ~, * / // %, **, unary - +, then .name [item] (call) | filter, is
// test.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/jinja/ast.h"
#include "engine/text/jinja/token_stream.h"

namespace hearth::jinja {

int deepest_child(const Literal&);
int deepest_child(const Name&);
int deepest_child(const ListLiteral& list);
int deepest_child(const DictLiteral& dict);
int deepest_child(const AttributeOf& attribute);
int deepest_child(const ItemOf& item);
int deepest_child(const SliceOf& slice);
int deepest_child(const CallOf& call);
int deepest_child(const FilterOf& filter);
int deepest_child(const TestOf& test);
int deepest_child(const Unary& unary);
int deepest_child(const Binary& binary);
int deepest_child(const Comparison& comparison);
int deepest_child(const Concatenation& concatenation);
int deepest_child(const Conditional& conditional);

/// Whether `a if b else c` may stand there: not in {% for x in ... if ... %} and {% if ... %}.
enum class ConditionalAllowed : bool { kNo, kYes };

class ExpressionParser {
 public:
  explicit ExpressionParser(TokenStream& tokens) : tokens_(tokens) {}

  Result<Expression> parse_expression(ConditionalAllowed conditional = ConditionalAllowed::kYes);
  /// One expression, or several with commas, which make a tuple.
  Result<Expression> parse_expression_or_tuple(ConditionalAllowed conditional = ConditionalAllowed::kYes);
  /// The filters of {% filter a|b %} and {% set x | a %}, of which there is at least one.
  Result<ExpressionPtr> parse_filter_chain();

  /// What a macro gets without declaring it, if its body reads it.
  struct MacroNames {
    bool caller = false;
    bool varargs = false;
    bool kwargs = false;
  };
  /// Those read since they were last reset.
  MacroNames macro_names;

 private:
  class Nesting;
  /// Brackets within brackets. A level goes through all of the grammar, which takes up to 16 KiB of stack in
  /// an optimised build, and some threads have but 512 KiB. Real templates have 3 levels.
  static constexpr int kMaxNesting = 20;
  /// Levels of the tree: chains such as a.b.c and a + b + c, too.
  static constexpr int kMaxDepth = 200;
  static constexpr std::string_view kTooDeep =
      "the expression nests deeper than a chat template may; split it with {% set %}";

  using Parse = Result<Expression> (ExpressionParser::*)();

  Result<Expression> parse_conditional();
  Result<Expression> parse_or();
  Result<Expression> parse_and();
  Result<Expression> parse_not();
  Result<Expression> parse_comparison();
  Result<Expression> parse_sum();
  Result<Expression> parse_concatenation();
  Result<Expression> parse_product();
  Result<Expression> parse_power();
  Result<Expression> parse_unary_and_filters();
  Result<Expression> parse_unary();
  Result<Expression> parse_primary();
  Result<Expression> parse_number();
  Result<Expression> parse_parentheses();
  Result<Expression> parse_list();
  Result<Expression> parse_dict();
  Result<Expression> parse_postfix(Expression expression);
  Result<Expression> parse_filters_and_tests(Expression expression);
  Result<Expression> parse_attribute(Expression object);
  Result<Expression> parse_subscript(Expression object);
  Result<Expression> parse_call(Expression callee);
  Result<Expression> parse_filter(ExpressionPtr input);
  Result<Expression> parse_test(Expression input);
  Result<ArgumentList> parse_arguments();
  Result<void> parse_argument(ArgumentList& arguments);

  using Operators = std::initializer_list<std::pair<std::string_view, BinaryOperator>>;
  Result<Expression> parse_left_associative(Parse parse_operand, Operators operators);
  bool starts_test_argument() const;

  /// Fails where the tree would grow too deep to walk.
  template <typename Node>
  Result<Expression> make(Node node, int line);

  TokenStream& tokens_;
  int nesting_ = 0;
};

/// One level of the parser's own recursion.
class ExpressionParser::Nesting {
 public:
  explicit Nesting(ExpressionParser& parser) : parser_(parser) { ++parser_.nesting_; }
  ~Nesting() { --parser_.nesting_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

  Result<void> check() const {
    if (parser_.nesting_ > kMaxNesting) return parser_.tokens_.fail(kTooDeep);
    return {};
  }

 private:
  ExpressionParser& parser_;
};

template <typename Node>
Result<Expression> ExpressionParser::make(Node node, int line) {
  const int depth = 1 + deepest_child(node);
  if (depth > kMaxDepth) return tokens_.fail(kTooDeep);
  return Expression{std::move(node), line, depth};
}

}  // namespace hearth::jinja
