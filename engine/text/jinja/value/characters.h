// Characters of valid UTF-8, as Python's str sees them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/text/unicode.h"

namespace hearth::jinja {

/// How many bytes the character has that begins with `lead`.
inline size_t character_bytes(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

size_t count_characters(std::string_view bytes);

/// str.isspace: White_Space, and the four information separators.
bool is_space(char32_t character);
/// str.isprintable: what repr writes as it is.
bool is_printable(char32_t character);
/// str.isalpha and str.isnumeric
bool is_letter(char32_t character);
bool is_number(char32_t character);
/// str.isdigit: decimal digits, superscripts, digits in circles.
bool is_digit(char32_t character);
inline bool is_ascii_digit(char byte) { return byte >= '0' && byte <= '9'; }
/// str.isdecimal: what int() takes as digits.
bool is_decimal_digit(char32_t character);
/// What regular expressions write \w.
bool is_word_character(char32_t character);

/// Which case a character has, a letter or not.
enum class LetterCase : uint8_t { kNone, kLower, kUpper, kTitle };
LetterCase case_of(char32_t c);

// Upper and lower case by Unicode's full mappings, where one letter may become several.
void append_upper(std::string& out, char32_t c);
/// As a word begins.
void append_title(std::string& out, char32_t c);
/// Of the character at `offset`: a sigma at the end of a word has a form of its own.
void append_lower(std::string& out, std::string_view text, size_t offset);
/// For comparisons without regard to case.
void append_folded(std::string& out, char32_t c);

/// Calls visit(char32_t, std::string_view) for each character and its bytes.
template <typename Visit>
void each_character(std::string_view bytes, Visit visit) {
  for (size_t offset = 0; offset < bytes.size();) {
    const Utf8Character character = decode_utf8(bytes.substr(offset));
    visit(character.code_point, bytes.substr(offset, character.bytes));
    offset += character.bytes;
  }
}

/// The offset just after the leading characters for which `test` holds.
template <typename Test>
size_t skip_leading(std::string_view bytes, Test test) {
  size_t offset = 0;
  while (offset < bytes.size()) {
    const Utf8Character character = decode_utf8(bytes.substr(offset));
    if (!test(character.code_point)) break;
    offset += character.bytes;
  }
  return offset;
}

/// The offset of the trailing characters for which `test` holds.
template <typename Test>
size_t skip_trailing(std::string_view bytes, Test test) {
  size_t end = bytes.size();
  while (end > 0) {
    size_t start = end - 1;
    while (start > 0 && (bytes[start] & 0xC0) == 0x80) --start;
    if (!test(decode_utf8(bytes.substr(start)).code_point)) break;
    end = start;
  }
  return end;
}

}  // namespace hearth::jinja
