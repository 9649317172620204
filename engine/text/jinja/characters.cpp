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
bool is_decimal_digit(char32_t character) { return classify(character).category == GeneralCategory::kNd; }
bool is_digit(char32_t character) {
  struct Range {
    char32_t first;
    char32_t last;
  };
  constexpr Range kOtherDigits[] = {
      {0xB2, 0xB3},     {0xB9, 0xB9},       {0x1369, 0x1371},   {0x19DA, 0x19DA},   {0x2070, 0x2070},
      {0x2074, 0x2079}, {0x2080, 0x2089},   {0x2460, 0x2468},   {0x2474, 0x247C},   {0x2488, 0x2490},
      {0x24EA, 0x24EA}, {0x24F5, 0x24FD},   {0x24FF, 0x24FF},   {0x2776, 0x277E},   {0x2780, 0x2788},
      {0x278A, 0x2792}, {0x10A40, 0x10A43}, {0x10E60, 0x10E68}, {0x11052, 0x1105A}, {0x1F100, 0x1F10A}};
  return is_decimal_digit(character) ||
         std::any_of(std::begin(kOtherDigits), std::end(kOtherDigits),
                     [&](const Range& range) { return character >= range.first && character <= range.last; });
}
bool is_word_character(char32_t character) {
  return character == '_' || classify(character).in(kLetters | kNumbers);
}

}  // namespace hearth::jinja
