#include "engine/text/jinja/string_literal.h"

#include <charconv>

#include "engine/text/unicode.h"

namespace hearth::jinja {
namespace {

/// The character that a one-letter escape stands for; 0 where it is none.
char simple_escape(char letter) {
  switch (letter) {
    case '\\':
    case '\'':
    case '"':
      return letter;
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return '\0';
  }
}

/// Hexadecimal digits that \x, \u and \U take; 0 for other letters.
size_t hex_digits(char letter) { return letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0; }

void append_code_point(std::string& out, uint32_t code_point) {
  const bool is_character = code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
  append_utf8(out, is_character ? static_cast<char32_t>(code_point) : kReplacementCharacter);
}

}  // namespace

Result<std::string> unescape(std::string_view literal) {
  std::string out;
  for (size_t i = 0; i < literal.size();) {
    if (literal[i] != '\\' || i + 1 == literal.size()) {
      out += literal[i++];
      continue;
    }
    const char letter = literal[i + 1];
    i += 2;
    uint32_t code_point = 0;
    if (const char simple = simple_escape(letter); simple != '\0') {
      out += simple;
    } else if (const size_t digits = hex_digits(letter); digits > 0) {
      const std::string_view hex = literal.substr(i, digits);
      const auto parsed = std::from_chars(hex.data(), hex.data() + hex.size(), code_point, 16);
      if (hex.size() < digits || parsed.ptr != hex.data() + hex.size()) {
        return Error{ErrorCode::kInvalidModel,
                     std::string("\\") + letter + " needs " + std::to_string(digits) + " hexadecimal digits"};
      }
      append_code_point(out, code_point);
      i += digits;
    } else if (letter >= '0' && letter <= '7') {
      const std::string_view octal = literal.substr(i - 1, 3);
      const auto parsed = std::from_chars(octal.data(), octal.data() + octal.size(), code_point, 8);
      append_code_point(out, code_point);
      i += static_cast<size_t>(parsed.ptr - octal.data()) - 1;
    } else if (letter != '\n') {  // a backslash before a newline continues the line
      out += '\\';
      out += letter;
    }
  }
  return out;
}

}  // namespace hearth::jinja
