// Splits a template's source into tokens and applies whitespace control.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace hearth::jinja {

enum class TokenKind : uint8_t {
  kData,         // text between tags
  kOutputBegin,  // {{
  kOutputEnd,    // }}
  kBlockBegin,   // {%
  kBlockEnd,     // %}
  kName,         // identifiers and keywords
  kString,       // a string literal, unescaped
  kInteger,      // digits without underscores, with 0x, 0o or 0b where written so
  kReal,         // digits without underscores
  kOperator,     // + - == ( [ | ...
  kEndOfTemplate,
};

struct Token {
  TokenKind kind;
  std::string text;
  int line;    // from 1
  int column;  // from 1, in bytes
};

/// Jinja's own names. Chat templates are rendered with both.
struct Whitespace {
  bool trim_blocks = true;    // a block or comment swallows one newline after it
  bool lstrip_blocks = true;  // a block or comment swallows the blanks before it on its line
};

/// INVALID_MODEL with the line and column. The last token is kEndOfTemplate. A newline that ends the source
/// is dropped, as Jinja does.
Result<std::vector<Token>> tokenize(std::string_view source, const Whitespace& whitespace);

/// How an error message writes a place in a template.
Error template_error(int line, int column, std::string_view what);

}  // namespace hearth::jinja
