// What the lexer makes of a template's source.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

}  // namespace hearth::jinja
