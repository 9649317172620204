// Statements, by Jinja's grammar.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "engine/text/jinja/parser/expression_parser.h"

namespace hearth::jinja {
namespace {

constexpr int kMaxBlockNesting = 40;

using Names = std::initializer_list<std::string_view>;

class Parser {
 public:
  explicit Parser(TokenStream& tokens) : tokens_(tokens), expressions_(tokens) {}

  /// Statements up to a tag that begins with one of `ends`, whose name is then the current token; or, where
  /// `ends` is empty, up to the end of the template.
  Result<Block> parse_block(Names ends);

 private:
  Result<Statement> parse_statement();
  Result<Statement> parse_named_statement(std::string_view name, int line);
  Result<Statement> parse_if(int line);
  Result<Statement> parse_for(int line);
  Result<Statement> parse_set(int line);
  Result<Statement> parse_macro(int line);
  Result<Statement> parse_call_block(int line);
  /// The block of a macro or of a call block, whose parameters are known.
  Result<void> parse_macro_block(MacroBody& body, std::string_view end);
  Result<Statement> parse_filter_block(int line);
  Result<Statement> parse_with(int line);
  Result<Statement> parse_loop_exit(std::string_view name, int line);

  Result<Target> parse_target();
  Result<Target> parse_one_target();
  Result<std::vector<Parameter>> parse_parameters();
  Result<void> end_tag() { return tokens_.expect(TokenKind::kBlockEnd, "%}"); }
  /// The statements of a tag that has just been closed, up to and including {% end %}.
  Result<Block> parse_body(std::string_view end);

  TokenStream& tokens_;
  ExpressionParser expressions_;
  int nesting_ = 0;
  int loops_ = 0;  // around the current statement
};

Result<Block> Parser::parse_block(Names ends) {
  if (++nesting_ > kMaxBlockNesting) return tokens_.fail("blocks nest deeper than a template may");
  Block block;
  while (!tokens_.is(TokenKind::kEndOfTemplate)) {
    if (tokens_.is(TokenKind::kBlockBegin) && tokens_.look().kind == TokenKind::kName &&
        std::find(ends.begin(), ends.end(), tokens_.look().text) != ends.end()) {
      tokens_.take();
      --nesting_;
      return block;
    }
    HEARTH_ASSIGN(Statement statement, parse_statement());
    block.push_back(std::move(statement));
  }
  if (ends.size() > 0) return tokens_.expected(fmt::format("{{% {} %}}", fmt::join(ends, " %} or {% ")));
  --nesting_;
  return block;
}

Result<Statement> Parser::parse_statement() {
  const Token token = tokens_.take();
  if (token.kind == TokenKind::kData) {
    return Statement{Data{Text(token.text, Origin::kTemplate)}, token.line};
  }
  if (token.kind == TokenKind::kOutputBegin) {
    HEARTH_ASSIGN(Expression value, expressions_.parse_expression_or_tuple());
    HEARTH_TRY(tokens_.expect(TokenKind::kOutputEnd, "}}"));
    return Statement{Output{std::move(value)}, token.line};
  }
  if (!tokens_.is(TokenKind::kName)) return tokens_.expected("the name of a block, such as if or for");
  return parse_named_statement(tokens_.current().text, token.line);
}

Result<Statement> Parser::parse_named_statement(std::string_view name, int line) {
  if (name == "if") return parse_if(line);
  if (name == "for") return parse_for(line);
  if (name == "set") return parse_set(line);
  if (name == "macro") return parse_macro(line);
  if (name == "call") return parse_call_block(line);
  if (name == "filter") return parse_filter_block(line);
  if (name == "with") return parse_with(line);
  if (name == "break" || name == "continue") return parse_loop_exit(name, line);
  if (name == "generation") {
    tokens_.take();
    HEARTH_ASSIGN(Block block, parse_body("endgeneration"));
    return Statement{Generation{std::move(block)}, line};
  }
  if (name == "autoescape") {
    tokens_.take();
    HEARTH_ASSIGN(Expression condition, expressions_.parse_expression());
    HEARTH_ASSIGN(Block block, parse_body("endautoescape"));
    return Statement{Autoescape{std::move(condition), std::move(block)}, line};
  }
  if (name == "include" || name == "import" || name == "from" || name == "extends" || name == "block") {
    return tokens_.fail(fmt::format("{{% {} %}} is not supported: a template stands alone", name));
  }
  return tokens_.fail(fmt::format("there is no block named '{}' to begin or end here", name));
}

Result<Block> Parser::parse_body(std::string_view end) {
  HEARTH_TRY(end_tag());
  HEARTH_ASSIGN(Block block, parse_block({end}));
  tokens_.take();
  HEARTH_TRY(end_tag());
  return block;
}

Result<Statement> Parser::parse_if(int line) {
  If statement;
  do {
    tokens_.take();
    HEARTH_ASSIGN(Expression condition, expressions_.parse_expression_or_tuple(ConditionalAllowed::kNo));
    HEARTH_TRY(end_tag());
    HEARTH_ASSIGN(Block block, parse_block({"elif", "else", "endif"}));
    statement.branches.push_back({std::move(condition), std::move(block)});
  } while (tokens_.is_name("elif"));
  if (tokens_.skip_name("else")) {
    HEARTH_ASSIGN(statement.otherwise, parse_body("endif"));
  } else {
    tokens_.take();
    HEARTH_TRY(end_tag());
  }
  return Statement{std::move(statement), line};
}

Result<Statement> Parser::parse_for(int line) {
  tokens_.take();
  HEARTH_ASSIGN(Target target, parse_target());
  HEARTH_TRY(tokens_.expect_name("in"));
  HEARTH_ASSIGN(Expression iterable, expressions_.parse_expression_or_tuple(ConditionalAllowed::kNo));
  ExpressionPtr condition;
  if (tokens_.skip_name("if")) {
    HEARTH_ASSIGN(Expression test, expressions_.parse_expression());
    condition = std::make_unique<Expression>(std::move(test));
  }
  const bool is_recursive = tokens_.skip_name("recursive");
  HEARTH_TRY(end_tag());
  ++loops_;
  HEARTH_ASSIGN(Block block, parse_block({"else", "endfor"}));
  --loops_;
  Block otherwise;
  if (tokens_.skip_name("else")) {
    HEARTH_ASSIGN(otherwise, parse_body("endfor"));
  } else {
    tokens_.take();
    HEARTH_TRY(end_tag());
  }
  return Statement{For{std::move(target), std::move(iterable), std::move(condition), is_recursive,
                       std::move(block), std::move(otherwise)},
                   line};
}

Result<Statement> Parser::parse_set(int line) {
  tokens_.take();
  HEARTH_ASSIGN(Target target, parse_target());
  if (tokens_.skip_operator("=")) {
    HEARTH_ASSIGN(Expression value, expressions_.parse_expression_or_tuple());
    HEARTH_TRY(end_tag());
    return Statement{Set{std::move(target), std::move(value)}, line};
  }
  ExpressionPtr filter;
  if (tokens_.is_operator("|")) {
    HEARTH_ASSIGN(filter, expressions_.parse_filter_chain());
  }
  if (!tokens_.is(TokenKind::kBlockEnd)) return tokens_.expected("'=' and a value, or %}");
  HEARTH_ASSIGN(Block block, parse_body("endset"));
  return Statement{SetBlock{std::move(target), std::move(filter), std::move(block)}, line};
}

Result<Statement> Parser::parse_macro(int line) {
  tokens_.take();
  MacroBody body;
  HEARTH_ASSIGN(body.name, tokens_.expect_identifier("the macro's name"));
  if (!tokens_.is_operator("(")) return tokens_.expected("'(' and the macro's parameters");
  HEARTH_ASSIGN(body.parameters, parse_parameters());
  HEARTH_TRY(parse_macro_block(body, "endmacro"));
  return Statement{Macro{std::move(body)}, line};
}

Result<void> Parser::parse_macro_block(MacroBody& body, std::string_view end) {
  const int outer_loops = std::exchange(loops_, 0);
  const auto outer = std::exchange(expressions_.macro_names, {});
  HEARTH_ASSIGN(body.block, parse_body(end));
  loops_ = outer_loops;
  auto& read = expressions_.macro_names;
  const auto find_parameter = [&](std::string_view name) {
    return std::find_if(body.parameters.begin(), body.parameters.end(),
                        [&](const Parameter& parameter) { return parameter.name == name; });
  };
  const auto is_parameter = [&](std::string_view name) {
    return find_parameter(name) != body.parameters.end();
  };
  body.takes_caller = read.caller && !is_parameter("caller");
  body.takes_varargs = read.varargs && !is_parameter("varargs");
  body.takes_kwargs = read.kwargs && !is_parameter("kwargs");
  if (read.caller && is_parameter("caller") && !find_parameter("caller")->default_value) {
    return tokens_.fail("a macro's parameter 'caller' needs a default, such as none; or leave it out");
  }
  // What a macro within reads, the one around it has to be given, too.
  read = {read.caller || outer.caller, read.varargs || outer.varargs, read.kwargs || outer.kwargs};
  return {};
}

Result<Statement> Parser::parse_call_block(int line) {
  tokens_.take();
  MacroBody caller;
  caller.name = kCallerName;
  if (tokens_.is_operator("(")) {
    HEARTH_ASSIGN(caller.parameters, parse_parameters());
  }
  HEARTH_ASSIGN(Expression call, expressions_.parse_expression());
  if (!std::holds_alternative<CallOf>(call.node)) return tokens_.fail("expected a call such as macro(...)");
  HEARTH_TRY(parse_macro_block(caller, "endcall"));
  return Statement{CallBlock{std::move(call), std::move(caller)}, line};
}

Result<Statement> Parser::parse_filter_block(int line) {
  tokens_.take();
  HEARTH_ASSIGN(ExpressionPtr filter, expressions_.parse_filter_chain());
  HEARTH_ASSIGN(Block block, parse_body("endfilter"));
  return Statement{FilterBlock{std::move(*filter), std::move(block)}, line};
}

Result<Statement> Parser::parse_with(int line) {
  tokens_.take();
  With with;
  while (!tokens_.is(TokenKind::kBlockEnd)) {
    if (!with.assignments.empty()) HEARTH_TRY(tokens_.expect_operator(","));
    HEARTH_ASSIGN(Target target, parse_one_target());
    HEARTH_TRY(tokens_.expect_operator("="));
    HEARTH_ASSIGN(Expression value, expressions_.parse_expression());
    with.assignments.push_back({std::move(target), std::move(value)});
  }
  HEARTH_ASSIGN(with.block, parse_body("endwith"));
  return Statement{std::move(with), line};
}

Result<Statement> Parser::parse_loop_exit(std::string_view name, int line) {
  if (loops_ == 0) return tokens_.fail(fmt::format("{{% {} %}} stands outside of a loop", name));
  const bool is_break = tokens_.take().text == "break";
  HEARTH_TRY(end_tag());
  if (is_break) return Statement{Break{}, line};
  return Statement{Continue{}, line};
}

/// A name, a namespace's attribute, or several with commas.
Result<Target> Parser::parse_target() {
  HEARTH_ASSIGN(Target first, parse_one_target());
  if (!tokens_.is_operator(",")) return first;
  Target tuple;
  tuple.parts.push_back(std::move(first));
  while (tokens_.skip_operator(",")) {
    const bool ends = tokens_.is_name("in") || tokens_.is_operator("=") || tokens_.is_operator(")");
    if (ends) break;
    HEARTH_ASSIGN(Target next, parse_one_target());
    tuple.parts.push_back(std::move(next));
  }
  return tuple;
}

Result<Target> Parser::parse_one_target() {
  if (tokens_.skip_operator("(")) {
    if (++nesting_ > kMaxBlockNesting) return tokens_.fail("targets nest deeper than a template may");
    HEARTH_ASSIGN(Target target, parse_target());
    --nesting_;
    HEARTH_TRY(tokens_.expect_operator(")"));
    return target;
  }
  Target target;
  HEARTH_ASSIGN(target.name, tokens_.expect_identifier("a name to assign to"));
  if (tokens_.skip_operator(".")) {
    HEARTH_ASSIGN(target.attribute, tokens_.expect_identifier("the name of a namespace's attribute"));
  }
  return target;
}

Result<std::vector<Parameter>> Parser::parse_parameters() {
  HEARTH_TRY(tokens_.expect_operator("("));
  std::vector<Parameter> parameters;
  while (!tokens_.skip_operator(")")) {
    if (!parameters.empty()) HEARTH_TRY(tokens_.expect_operator(","));
    Parameter parameter;
    HEARTH_ASSIGN(parameter.name, tokens_.expect_identifier("a parameter's name"));
    if (tokens_.skip_operator("=")) {
      HEARTH_ASSIGN(Expression value, expressions_.parse_expression());
      parameter.default_value = std::make_unique<Expression>(std::move(value));
    } else if (!parameters.empty() && parameters.back().default_value) {
      return tokens_.fail(
          fmt::format("parameter '{}' needs a default like the one before it", parameter.name));
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

}  // namespace

Result<Block> parse(std::string_view source, const Whitespace& whitespace) {
  HEARTH_ASSIGN(std::vector<Token> list, tokenize(source, whitespace));
  TokenStream tokens(std::move(list));
  return Parser(tokens).parse_block({});
}

}  // namespace hearth::jinja
