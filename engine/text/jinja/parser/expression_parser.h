// Expressions, by Jinja's grammar and precedence, from loosest to tightest:
// if-else, or, and, not, comparisons, + -, ~, * / // %, **, unary - +, then .name [item] (call) | filter, is
// test.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/jinja/parser/ast.h"
#include "engine/text/jinja/parser/token_stream.h"

namespace hearth::jinja {

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
  using Node = decltype(Expression::node);
  class Nesting;
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
  /// The operators are names or signs.
  Result<Expression> parse_left_associative(Parse parse_operand, Operators operators);
  bool starts_test_argument() const;

  /// Fails where the tree would grow too deep to walk.
  Result<Expression> make(Node node, int line);

  TokenStream& tokens_;
  int nesting_ = 0;
};

}  // namespace hearth::jinja
