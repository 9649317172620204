#include "engine/text/jinja/characters.h"

#include <algorithm>

namespace hearth::jinja {

size_t count_characters(std::string_view bytes) {
  return static_cast<size_t>(
      std::count_if(bytes.begin(), bytes.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

std::string valid_utf8(std::string_view bytes) {
  std::string valid;
  valid.reserve(bytes.size());
  for (size_t offset = 0; offset < bytes.size();) {
    const Utf8Character character = decode_utf8(bytes.substr(offset));
    append_utf8(valid, character.code_point);
    offset += character.bytes;
  }
  return valid;
}

bool is_space(char32_t character) {
  return (character >= 0x1C && character <= 0x1F) || classify(character).white_space;
}

bool is_printable(char32_t character) {
  using enum GeneralCategory;
  return character == ' ' || !classify(character).in(category_set(kCn, kCc, kCf, kCo, kCs, kZl, kZp, kZs));
}

bool is_letter(char32_t character) { return classify(character).in(kLetters); }
bool is_number(char32_t character) { return classify(character).in(kNumbers); }

}  // namespace hearth::jinja
