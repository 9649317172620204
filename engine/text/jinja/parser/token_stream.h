// The parser's place in the tokens.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/jinja/parser/lexer.h"

namespace hearth::jinja {

/// What error messages call a token.
inline std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::kData:
      return "text";
    case TokenKind::kOutputBegin:
      return "{{";
    case TokenKind::kOutputEnd:
      return "}}";
    case TokenKind::kBlockBegin:
      return "{%";
    case TokenKind::kBlockEnd:
      return "%}";
    case TokenKind::kString:
      return "a string";
    case TokenKind::kEndOfTemplate:
      return "the end of the template";
    case TokenKind::kName:
    case TokenKind::kInteger:
    case TokenKind::kReal:
    case TokenKind::kOperator:
      break;
  }
  return "'" + token.text + "'";
}

class TokenStream {
 public:
  /// The last token is kEndOfTemplate.
  explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& current() const { return tokens_[next_]; }
  const Token& look() const { return tokens_[next_ + 1 < tokens_.size() ? next_ + 1 : next_]; }
  /// The current token, which is then behind. The end of the template stays current.
  const Token& take() { return is(TokenKind::kEndOfTemplate) ? current() : tokens_[next_++]; }

  bool is(TokenKind kind) const { return current().kind == kind; }
  bool is_operator(std::string_view text) const { return is_token(current(), TokenKind::kOperator, text); }
  bool is_name(std::string_view text) const { return is_token(current(), TokenKind::kName, text); }
  bool next_is_name(std::string_view text) const { return is_token(look(), TokenKind::kName, text); }

  bool skip_operator(std::string_view text) { return is_operator(text) && skip(); }
  bool skip_name(std::string_view text) { return is_name(text) && skip(); }

  Result<void> expect(TokenKind kind, std::string_view what) {
    if (!is(kind)) return expected(what);
    take();
    return {};
  }
  Result<void> expect_operator(std::string_view text) {
    if (!skip_operator(text)) return expected(fmt::format("'{}'", text));
    return {};
  }
  Result<void> expect_name(std::string_view text) {
    if (!skip_name(text)) return expected(fmt::format("'{}'", text));
    return {};
  }
  /// Any name: "a macro's name" completes "expected ...".
  Result<std::string> expect_identifier(std::string_view what) {
    if (!is(TokenKind::kName)) return expected(what);
    return take().text;
  }

  /// "line 3, column 7: expected <what>, found <the current token>".
  Error expected(std::string_view what) const {
    return fail(fmt::format("expected {}, found {}", what, describe(current())));
  }
  /// An error about the current place in other words.
  Error fail(std::string_view what) const { return template_error(current().line, current().column, what); }

 private:
  static bool is_token(const Token& token, TokenKind kind, std::string_view text) {
    return token.kind == kind && token.text == text;
  }
  bool skip() {
    take();
    return true;
  }

  std::vector<Token> tokens_;
  size_t next_ = 0;
};

}  // namespace hearth::jinja
