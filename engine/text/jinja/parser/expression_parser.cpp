#include "engine/text/jinja/parser/expression_parser.h"

#include <algorithm>
#include <array>
#include <optional>

namespace hearth::jinja {
namespace {

/// Brackets within brackets. A level goes through all of the grammar, which takes up to 16 KiB of stack in
/// an optimised build, and some threads have but 512 KiB. Real templates have 3 levels.
constexpr int kMaxNesting = 20;
/// Levels of the tree: chains such as a.b.c and a + b + c, too.
constexpr int kMaxDepth = 200;
constexpr std::string_view kTooDeep =
    "the expression nests deeper than a template may; split it with {% set %}";

int depth(const Expression& expression) { return expression.depth; }
int depth(const ExpressionPtr& expression) { return expression ? expression->depth : 0; }

int depth(const DictEntry& entry) { return std::max(entry.key.depth, entry.value.depth); }
int depth(const NamedArgument& argument) { return argument.value.depth; }
int depth(const ComparisonStep& step) { return step.operand.depth; }

template <typename Item>
int depth(const std::vector<Item>& items) {
  int deepest = 0;
  for (const Item& item : items) deepest = std::max(deepest, depth(item));
  return deepest;
}

int depth(const ArgumentList& arguments) {
  return std::max({depth(arguments.positional), depth(arguments.named), depth(arguments.more_positional),
                   depth(arguments.more_named)});
}

int deepest_child(const Literal&) { return 0; }
int deepest_child(const Name&) { return 0; }
int deepest_child(const ListLiteral& list) { return depth(list.items); }
int deepest_child(const DictLiteral& dict) { return depth(dict.entries); }
int deepest_child(const AttributeOf& attribute) { return depth(attribute.object); }
int deepest_child(const ItemOf& item) { return std::max(depth(item.object), depth(item.index)); }
int deepest_child(const SliceOf& slice) {
  return std::max({depth(slice.object), depth(slice.start), depth(slice.stop), depth(slice.step)});
}
int deepest_child(const CallOf& call) { return std::max(depth(call.callee), depth(call.arguments)); }
int deepest_child(const FilterOf& filter) { return std::max(depth(filter.input), depth(filter.arguments)); }
int deepest_child(const TestOf& test) { return std::max(depth(test.input), depth(test.arguments)); }
int deepest_child(const Unary& unary) { return depth(unary.operand); }
int deepest_child(const Binary& binary) { return std::max(depth(binary.left), depth(binary.right)); }
int deepest_child(const Comparison& comparison) {
  return std::max(depth(comparison.first), depth(comparison.rest));
}
int deepest_child(const Concatenation& concatenation) { return depth(concatenation.parts); }
int deepest_child(const Conditional& conditional) {
  return std::max({depth(conditional.condition), depth(conditional.then), depth(conditional.otherwise)});
}

std::optional<ComparisonOperator> take_comparison_operator(TokenStream& tokens) {
  constexpr std::array<std::pair<std::string_view, ComparisonOperator>, 6> kOperators = {{
      {"==", ComparisonOperator::kEqual},
      {"!=", ComparisonOperator::kNotEqual},
      {"<", ComparisonOperator::kLess},
      {"<=", ComparisonOperator::kLessOrEqual},
      {">", ComparisonOperator::kGreater},
      {">=", ComparisonOperator::kGreaterOrEqual},
  }};
  for (const auto& [text, op] : kOperators) {
    if (tokens.skip_operator(text)) return op;
  }
  if (tokens.skip_name("in")) return ComparisonOperator::kIn;
  if (tokens.is_name("not") && tokens.next_is_name("in")) {
    tokens.take();
    tokens.take();
    return ComparisonOperator::kNotIn;
  }
  return std::nullopt;
}

}  // namespace

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

Result<Expression> ExpressionParser::make(Node node, int line) {
  const int depth = 1 + std::visit([](const auto& kind) { return deepest_child(kind); }, node);
  if (depth > kMaxDepth) return tokens_.fail(kTooDeep);
  return Expression{std::move(node), line, depth};
}

Result<Expression> ExpressionParser::parse_expression(ConditionalAllowed conditional) {
  const Nesting nesting(*this);
  HEARTH_TRY(nesting.check());
  return conditional == ConditionalAllowed::kYes ? parse_conditional() : parse_or();
}

Result<Expression> ExpressionParser::parse_expression_or_tuple(ConditionalAllowed conditional) {
  const int line = tokens_.current().line;
  HEARTH_ASSIGN(Expression first, parse_expression(conditional));
  if (!tokens_.is_operator(",")) return first;
  ListLiteral tuple{{}, true};
  tuple.items.push_back(std::move(first));
  while (tokens_.skip_operator(",")) {
    const bool ends = tokens_.is(TokenKind::kBlockEnd) || tokens_.is(TokenKind::kOutputEnd) ||
                      tokens_.is_operator(")") || tokens_.is_name("recursive");
    if (ends) break;
    HEARTH_ASSIGN(Expression item, parse_expression(conditional));
    tuple.items.push_back(std::move(item));
  }
  return make(std::move(tuple), line);
}

Result<Expression> ExpressionParser::parse_conditional() {
  HEARTH_ASSIGN(Expression expression, parse_or());
  while (tokens_.is_name("if")) {
    const int line = tokens_.take().line;
    HEARTH_ASSIGN(Expression condition, parse_or());
    ExpressionPtr otherwise;
    if (tokens_.skip_name("else")) {
      HEARTH_ASSIGN(Expression alternative, parse_expression());
      otherwise = boxed(std::move(alternative));
    }
    Conditional conditional{boxed(std::move(condition)), boxed(std::move(expression)), std::move(otherwise)};
    HEARTH_ASSIGN(expression, make(std::move(conditional), line));
  }
  return expression;
}

Result<Expression> ExpressionParser::parse_or() {
  return parse_left_associative(&ExpressionParser::parse_and, {{"or", BinaryOperator::kOr}});
}

Result<Expression> ExpressionParser::parse_and() {
  return parse_left_associative(&ExpressionParser::parse_not, {{"and", BinaryOperator::kAnd}});
}

Result<Expression> ExpressionParser::parse_not() {
  if (!tokens_.is_name("not")) return parse_comparison();
  const Nesting nesting(*this);
  HEARTH_TRY(nesting.check());
  const int line = tokens_.take().line;
  HEARTH_ASSIGN(Expression operand, parse_not());
  return make(Unary{UnaryOperator::kNot, boxed(std::move(operand))}, line);
}

Result<Expression> ExpressionParser::parse_comparison() {
  const int line = tokens_.current().line;
  HEARTH_ASSIGN(Expression first, parse_sum());
  std::vector<ComparisonStep> rest;
  while (const std::optional<ComparisonOperator> op = take_comparison_operator(tokens_)) {
    HEARTH_ASSIGN(Expression operand, parse_sum());
    rest.push_back({*op, std::move(operand)});
  }
  if (rest.empty()) return first;
  return make(Comparison{boxed(std::move(first)), std::move(rest)}, line);
}

Result<Expression> ExpressionParser::parse_left_associative(Parse parse_operand, Operators operators) {
  HEARTH_ASSIGN(Expression left, (this->*parse_operand)());
  while (true) {
    const auto found = std::find_if(operators.begin(), operators.end(), [&](const auto& entry) {
      return tokens_.is_operator(entry.first) || tokens_.is_name(entry.first);
    });
    if (found == operators.end()) return left;
    const int line = tokens_.take().line;
    HEARTH_ASSIGN(Expression right, (this->*parse_operand)());
    HEARTH_ASSIGN(left, make(Binary{found->second, boxed(std::move(left)), boxed(std::move(right))}, line));
  }
}

Result<Expression> ExpressionParser::parse_sum() {
  return parse_left_associative(&ExpressionParser::parse_concatenation,
                                {{"+", BinaryOperator::kAdd}, {"-", BinaryOperator::kSubtract}});
}

Result<Expression> ExpressionParser::parse_concatenation() {
  const int line = tokens_.current().line;
  HEARTH_ASSIGN(Expression first, parse_product());
  if (!tokens_.is_operator("~")) return first;
  Concatenation concatenation;
  concatenation.parts.push_back(std::move(first));
  while (tokens_.skip_operator("~")) {
    HEARTH_ASSIGN(Expression part, parse_product());
    concatenation.parts.push_back(std::move(part));
  }
  return make(std::move(concatenation), line);
}

Result<Expression> ExpressionParser::parse_product() {
  return parse_left_associative(&ExpressionParser::parse_power, {{"*", BinaryOperator::kMultiply},
                                                                 {"/", BinaryOperator::kDivide},
                                                                 {"//", BinaryOperator::kFloorDivide},
                                                                 {"%", BinaryOperator::kModulo}});
}

Result<Expression> ExpressionParser::parse_power() {
  return parse_left_associative(&ExpressionParser::parse_unary_and_filters, {{"**", BinaryOperator::kPower}});
}

Result<Expression> ExpressionParser::parse_unary_and_filters() {
  HEARTH_ASSIGN(Expression expression, parse_unary());
  return parse_filters_and_tests(std::move(expression));
}

/// The sign binds looser than .name and [item], but tighter than filters: -x.y|abs is (-(x.y))|abs.
Result<Expression> ExpressionParser::parse_unary() {
  const bool is_minus = tokens_.is_operator("-");
  if (!is_minus && !tokens_.is_operator("+")) {
    HEARTH_ASSIGN(Expression primary, parse_primary());
    return parse_postfix(std::move(primary));
  }
  const Nesting nesting(*this);
  HEARTH_TRY(nesting.check());
  const int line = tokens_.take().line;
  HEARTH_ASSIGN(Expression operand, parse_unary());
  return make(Unary{is_minus ? UnaryOperator::kMinus : UnaryOperator::kPlus, boxed(std::move(operand))},
              line);
}

}  // namespace hearth::jinja
