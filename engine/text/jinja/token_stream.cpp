#include "engine/text/jinja/token_stream.h"

#include <fmt/format.h>

#include "engine/text/jinja/lexer.h"

namespace hearth::jinja {
namespace {

std::string describe(const Token& token) {
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

}  // namespace

const Token& TokenStream::take() { return is(TokenKind::kEndOfTemplate) ? current() : tokens_[next_++]; }

Result<void> TokenStream::expect(TokenKind kind, std::string_view what) {
  if (!is(kind)) return expected(what);
  take();
  return {};
}

Result<void> TokenStream::expect_operator(std::string_view text) {
  if (!skip_operator(text)) return expected(fmt::format("'{}'", text));
  return {};
}

Result<void> TokenStream::expect_name(std::string_view text) {
  if (!skip_name(text)) return expected(fmt::format("'{}'", text));
  return {};
}

Result<std::string> TokenStream::expect_identifier(std::string_view what) {
  if (!is(TokenKind::kName)) return expected(what);
  return take().text;
}

Error TokenStream::expected(std::string_view what) const {
  return fail(fmt::format("expected {}, found {}", what, describe(current())));
}

Error TokenStream::fail(std::string_view what) const {
  return template_error(current().line, current().column, what);
}

}  // namespace hearth::jinja
