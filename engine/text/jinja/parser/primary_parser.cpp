// The tighter half of ExpressionParser: literals, and what may follow one: .name [item] (call) | filter, is
// test.
#include <cstdlib>

#include "engine/text/jinja/parser/expression_parser.h"

namespace hearth::jinja {
namespace {

/// The value of 42, 0x2a, 0o52 or 0b101010; nothing where it is none or has too many digits.
std::optional<BigInteger> parse_literal(std::string_view digits) {
  const char prefix = digits.size() > 2 && digits[0] == '0' ? static_cast<char>(digits[1] | 0x20) : '\0';
  const uint32_t base = prefix == 'x' ? 16 : prefix == 'o' ? 8 : prefix == 'b' ? 2 : 10;
  if (base != 10) return BigInteger::parse(digits.substr(2), base);
  if (digits[0] == '0' && digits.find_first_not_of('0') != std::string_view::npos) return std::nullopt;
  return BigInteger::parse(digits, base);
}

}  // namespace

Result<Expression> ExpressionParser::parse_primary() {
  const Token& token = tokens_.current();
  const int line = token.line;
  if (token.kind == TokenKind::kInteger || token.kind == TokenKind::kReal) return parse_number();
  if (token.kind == TokenKind::kString) {
    std::string text;  // neighbouring literals are one, as in Python
    while (tokens_.is(TokenKind::kString)) text += tokens_.take().text;
    return make(Literal{Value::text(text)}, line);
  }
  if (token.kind == TokenKind::kName) {
    std::string name = tokens_.take().text;
    if (name == "true" || name == "True") return make(Literal{Value::boolean(true)}, line);
    if (name == "false" || name == "False") return make(Literal{Value::boolean(false)}, line);
    if (name == "none" || name == "None") return make(Literal{None()}, line);
    macro_names.caller = macro_names.caller || name == "caller";
    macro_names.varargs = macro_names.varargs || name == "varargs";
    macro_names.kwargs = macro_names.kwargs || name == "kwargs";
    return make(Name{std::move(name)}, line);
  }
  if (tokens_.is_operator("(")) return parse_parentheses();
  if (tokens_.is_operator("[")) return parse_list();
  if (tokens_.is_operator("{")) return parse_dict();
  return tokens_.expected("a value");
}

Result<Expression> ExpressionParser::parse_number() {
  const Token& token = tokens_.current();
  const int line = token.line;
  if (token.kind == TokenKind::kReal) {
    // The lexer has checked the syntax, so strtod reads all of it.
    const double value = std::strtod(tokens_.take().text.c_str(), nullptr);
    return make(Literal{Value::real(value)}, line);
  }
  const std::optional<BigInteger> value = parse_literal(token.text);
  if (!value)
    return tokens_.fail("'" + token.text.substr(0, 40) +
                        "' is no integer: zeros before it mean nothing, and it has at most 4300 digits");
  tokens_.take();
  return make(Literal{Value::integer(*value)}, line);
}

Result<Expression> ExpressionParser::parse_parentheses() {
  const int line = tokens_.take().line;
  if (tokens_.skip_operator(")")) return make(ListLiteral{{}, true}, line);
  HEARTH_ASSIGN(Expression expression, parse_expression_or_tuple());
  HEARTH_TRY(tokens_.expect_operator(")"));
  return expression;
}

Result<Expression> ExpressionParser::parse_list() {
  const int line = tokens_.take().line;
  ListLiteral list{{}, false};
  while (!tokens_.skip_operator("]")) {
    if (!list.items.empty()) {
      HEARTH_TRY(tokens_.expect_operator(","));
      if (tokens_.skip_operator("]")) break;
    }
    HEARTH_ASSIGN(Expression item, parse_expression());
    list.items.push_back(std::move(item));
  }
  return make(std::move(list), line);
}

Result<Expression> ExpressionParser::parse_dict() {
  const int line = tokens_.take().line;
  DictLiteral dict;
  while (!tokens_.skip_operator("}")) {
    if (!dict.entries.empty()) {
      HEARTH_TRY(tokens_.expect_operator(","));
      if (tokens_.skip_operator("}")) break;
    }
    HEARTH_ASSIGN(Expression key, parse_expression());
    HEARTH_TRY(tokens_.expect_operator(":"));
    HEARTH_ASSIGN(Expression value, parse_expression());
    dict.entries.push_back({std::move(key), std::move(value)});
  }
  return make(std::move(dict), line);
}

Result<Expression> ExpressionParser::parse_postfix(Expression expression) {
  while (true) {
    if (tokens_.is_operator(".")) {
      HEARTH_ASSIGN(expression, parse_attribute(std::move(expression)));
    } else if (tokens_.is_operator("[")) {
      HEARTH_ASSIGN(expression, parse_subscript(std::move(expression)));
    } else if (tokens_.is_operator("(")) {
      HEARTH_ASSIGN(expression, parse_call(std::move(expression)));
    } else {
      return expression;
    }
  }
}

Result<Expression> ExpressionParser::parse_filters_and_tests(Expression expression) {
  while (true) {
    if (tokens_.is_operator("|")) {
      HEARTH_ASSIGN(expression, parse_filter(boxed(std::move(expression))));
    } else if (tokens_.is_name("is")) {
      HEARTH_ASSIGN(expression, parse_test(std::move(expression)));
    } else if (tokens_.is_operator("(")) {
      HEARTH_ASSIGN(expression, parse_call(std::move(expression)));
    } else {
      return expression;
    }
  }
}

Result<Expression> ExpressionParser::parse_attribute(Expression object) {
  const int line = tokens_.take().line;
  if (tokens_.is(TokenKind::kInteger)) {  // Jinja's list.0
    HEARTH_ASSIGN(Expression index, parse_number());
    return make(ItemOf{boxed(std::move(object)), boxed(std::move(index))}, line);
  }
  HEARTH_ASSIGN(std::string name, tokens_.expect_identifier("an attribute's name"));
  return make(AttributeOf{boxed(std::move(object)), std::move(name)}, line);
}

/// object[index], object[a, b] and object[start:stop:step]. object[] asks for the key (), as in Jinja.
Result<Expression> ExpressionParser::parse_subscript(Expression object) {
  const int line = tokens_.take().line;
  const auto parse_bound = [&]() -> Result<ExpressionPtr> {
    if (tokens_.is_operator(":") || tokens_.is_operator("]")) return ExpressionPtr();
    HEARTH_ASSIGN(Expression bound, parse_expression());
    return boxed(std::move(bound));
  };
  HEARTH_ASSIGN(ExpressionPtr first, parse_bound());
  if (tokens_.skip_operator(":")) {
    HEARTH_ASSIGN(ExpressionPtr stop, parse_bound());
    ExpressionPtr step;
    if (tokens_.skip_operator(":")) {
      HEARTH_ASSIGN(step, parse_bound());
    }
    HEARTH_TRY(tokens_.expect_operator("]"));
    return make(SliceOf{boxed(std::move(object)), std::move(first), std::move(stop), std::move(step)}, line);
  }
  if (first == nullptr || tokens_.is_operator(",")) {
    ListLiteral key{{}, true};
    if (first) key.items.push_back(std::move(*first));
    while (tokens_.skip_operator(",") && !tokens_.is_operator("]")) {
      HEARTH_ASSIGN(Expression item, parse_expression());
      key.items.push_back(std::move(item));
    }
    HEARTH_ASSIGN(Expression tuple, make(std::move(key), line));
    first = boxed(std::move(tuple));
  }
  HEARTH_TRY(tokens_.expect_operator("]"));
  return make(ItemOf{boxed(std::move(object)), std::move(first)}, line);
}

Result<Expression> ExpressionParser::parse_call(Expression callee) {
  const int line = tokens_.current().line;
  HEARTH_ASSIGN(ArgumentList arguments, parse_arguments());
  return make(CallOf{boxed(std::move(callee)), std::move(arguments)}, line);
}

Result<ArgumentList> ExpressionParser::parse_arguments() {
  tokens_.take();
  ArgumentList arguments;
  bool is_first = true;
  while (!tokens_.skip_operator(")")) {
    if (!is_first) {
      HEARTH_TRY(tokens_.expect_operator(","));
      if (tokens_.skip_operator(")")) break;
    }
    is_first = false;
    HEARTH_TRY(parse_argument(arguments));
  }
  return arguments;
}

Result<void> ExpressionParser::parse_argument(ArgumentList& arguments) {
  if (tokens_.is_operator("*") || tokens_.is_operator("**")) {
    const bool is_named = tokens_.take().text == "**";
    ExpressionPtr& place = is_named ? arguments.more_named : arguments.more_positional;
    if (place) return tokens_.fail("a call may pass * and ** only once each");
    HEARTH_ASSIGN(Expression more, parse_expression());
    place = boxed(std::move(more));
    return {};
  }
  const Token& next = tokens_.look();
  if (tokens_.is(TokenKind::kName) && next.kind == TokenKind::kOperator && next.text == "=") {
    std::string name = tokens_.take().text;
    tokens_.take();
    HEARTH_ASSIGN(Expression value, parse_expression());
    arguments.named.push_back({std::move(name), std::move(value)});
    return {};
  }
  if (!arguments.named.empty()) return tokens_.expected("a named argument after the named ones before it");
  HEARTH_ASSIGN(Expression value, parse_expression());
  arguments.positional.push_back(std::move(value));
  return {};
}

Result<ExpressionPtr> ExpressionParser::parse_filter_chain() {
  ExpressionPtr filter;
  while (filter == nullptr || tokens_.is_operator("|")) {
    HEARTH_ASSIGN(Expression outer, parse_filter(std::move(filter)));
    filter = boxed(std::move(outer));
  }
  return filter;
}

/// The bar is optional, because {% filter upper %} begins without one.
Result<Expression> ExpressionParser::parse_filter(ExpressionPtr input) {
  tokens_.skip_operator("|");
  const int line = tokens_.current().line;
  FilterOf filter{std::move(input), "", {}};
  HEARTH_ASSIGN(filter.name, tokens_.expect_identifier("a filter's name"));
  if (tokens_.is_operator("(")) {
    HEARTH_ASSIGN(filter.arguments, parse_arguments());
  }
  return make(std::move(filter), line);
}

/// `x is divisibleby 3` passes one argument without brackets.
bool ExpressionParser::starts_test_argument() const {
  switch (tokens_.current().kind) {
    case TokenKind::kName:
      return !tokens_.is_name("else") && !tokens_.is_name("or") && !tokens_.is_name("and") &&
             !tokens_.is_name("is") && !tokens_.is_name("if") && !tokens_.is_name("in") &&
             !tokens_.is_name("not");
    case TokenKind::kString:
    case TokenKind::kInteger:
    case TokenKind::kReal:
      return true;
    default:
      return tokens_.is_operator("[") || tokens_.is_operator("{");
  }
}

Result<Expression> ExpressionParser::parse_test(Expression input) {
  const int line = tokens_.take().line;
  TestOf test{boxed(std::move(input)), "", {}, tokens_.skip_name("not")};
  HEARTH_ASSIGN(test.name, tokens_.expect_identifier("a test's name"));
  if (tokens_.is_operator("(")) {
    HEARTH_ASSIGN(test.arguments, parse_arguments());
  } else if (starts_test_argument()) {
    HEARTH_ASSIGN(Expression primary, parse_primary());
    HEARTH_ASSIGN(Expression argument, parse_postfix(std::move(primary)));
    test.arguments.positional.push_back(std::move(argument));
  }
  return make(std::move(test), line);
}

}  // namespace hearth::jinja
