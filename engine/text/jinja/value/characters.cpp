#include "engine/text/jinja/value/characters.h"

#include <algorithm>

namespace hearth::jinja {
namespace {

/// What a single mapping between the cases of one character to one cannot say (Unicode's SpecialCasing.txt,
/// and letters that share a capital). No title: the same as upper.
struct SpecialCase {
  uint16_t character;
  std::string_view upper;
  std::string_view title;
};
constexpr SpecialCase kSpecialCases[] = {
    {0xB5, "\u039C", ""},
    {0xDF, "SS", "Ss"},
    {0x131, "I", ""},
    {0x149, "\u02BCN", ""},
    {0x17F, "S", ""},
    {0x1C4, "\u01C4", "\u01C5"},
    {0x1C5, "\u01C4", "\u01C5"},
    {0x1C6, "\u01C4", "\u01C5"},
    {0x1C7, "\u01C7", "\u01C8"},
    {0x1C8, "\u01C7", "\u01C8"},
    {0x1C9, "\u01C7", "\u01C8"},
    {0x1CA, "\u01CA", "\u01CB"},
    {0x1CB, "\u01CA", "\u01CB"},
    {0x1CC, "\u01CA", "\u01CB"},
    {0x1F0, "J\u030C", ""},
    {0x1F1, "\u01F1", "\u01F2"},
    {0x1F2, "\u01F1", "\u01F2"},
    {0x1F3, "\u01F1", "\u01F2"},
    {0x345, "\u0399", ""},
    {0x390, "\u0399\u0308\u0301", ""},
    {0x3B0, "\u03A5\u0308\u0301", ""},
    {0x3C2, "\u03A3", ""},
    {0x3D0, "\u0392", ""},
    {0x3D1, "\u0398", ""},
    {0x3D5, "\u03A6", ""},
    {0x3D6, "\u03A0", ""},
    {0x3F0, "\u039A", ""},
    {0x3F1, "\u03A1", ""},
    {0x3F5, "\u0395", ""},
    {0x587, "\u0535\u0552", "\u0535\u0582"},
    {0x1C80, "\u0412", ""},
    {0x1C81, "\u0414", ""},
    {0x1C82, "\u041E", ""},
    {0x1C83, "\u0421", ""},
    {0x1C84, "\u0422", ""},
    {0x1C85, "\u0422", ""},
    {0x1C86, "\u042A", ""},
    {0x1C87, "\u0462", ""},
    {0x1C88, "\uA64A", ""},
    {0x1E96, "H\u0331", ""},
    {0x1E97, "T\u0308", ""},
    {0x1E98, "W\u030A", ""},
    {0x1E99, "Y\u030A", ""},
    {0x1E9A, "A\u02BE", ""},
    {0x1E9B, "\u1E60", ""},
    {0x1F50, "\u03A5\u0313", ""},
    {0x1F52, "\u03A5\u0313\u0300", ""},
    {0x1F54, "\u03A5\u0313\u0301", ""},
    {0x1F56, "\u03A5\u0313\u0342", ""},
    {0x1F80, "\u1F08\u0399", "\u1F88"},
    {0x1F81, "\u1F09\u0399", "\u1F89"},
    {0x1F82, "\u1F0A\u0399", "\u1F8A"},
    {0x1F83, "\u1F0B\u0399", "\u1F8B"},
    {0x1F84, "\u1F0C\u0399", "\u1F8C"},
    {0x1F85, "\u1F0D\u0399", "\u1F8D"},
    {0x1F86, "\u1F0E\u0399", "\u1F8E"},
    {0x1F87, "\u1F0F\u0399", "\u1F8F"},
    {0x1F88, "\u1F08\u0399", "\u1F88"},
    {0x1F89, "\u1F09\u0399", "\u1F89"},
    {0x1F8A, "\u1F0A\u0399", "\u1F8A"},
    {0x1F8B, "\u1F0B\u0399", "\u1F8B"},
    {0x1F8C, "\u1F0C\u0399", "\u1F8C"},
    {0x1F8D, "\u1F0D\u0399", "\u1F8D"},
    {0x1F8E, "\u1F0E\u0399", "\u1F8E"},
    {0x1F8F, "\u1F0F\u0399", "\u1F8F"},
    {0x1F90, "\u1F28\u0399", "\u1F98"},
    {0x1F91, "\u1F29\u0399", "\u1F99"},
    {0x1F92, "\u1F2A\u0399", "\u1F9A"},
    {0x1F93, "\u1F2B\u0399", "\u1F9B"},
    {0x1F94, "\u1F2C\u0399", "\u1F9C"},
    {0x1F95, "\u1F2D\u0399", "\u1F9D"},
    {0x1F96, "\u1F2E\u0399", "\u1F9E"},
    {0x1F97, "\u1F2F\u0399", "\u1F9F"},
    {0x1F98, "\u1F28\u0399", "\u1F98"},
    {0x1F99, "\u1F29\u0399", "\u1F99"},
    {0x1F9A, "\u1F2A\u0399", "\u1F9A"},
    {0x1F9B, "\u1F2B\u0399", "\u1F9B"},
    {0x1F9C, "\u1F2C\u0399", "\u1F9C"},
    {0x1F9D, "\u1F2D\u0399", "\u1F9D"},
    {0x1F9E, "\u1F2E\u0399", "\u1F9E"},
    {0x1F9F, "\u1F2F\u0399", "\u1F9F"},
    {0x1FA0, "\u1F68\u0399", "\u1FA8"},
    {0x1FA1, "\u1F69\u0399", "\u1FA9"},
    {0x1FA2, "\u1F6A\u0399", "\u1FAA"},
    {0x1FA3, "\u1F6B\u0399", "\u1FAB"},
    {0x1FA4, "\u1F6C\u0399", "\u1FAC"},
    {0x1FA5, "\u1F6D\u0399", "\u1FAD"},
    {0x1FA6, "\u1F6E\u0399", "\u1FAE"},
    {0x1FA7, "\u1F6F\u0399", "\u1FAF"},
    {0x1FA8, "\u1F68\u0399", "\u1FA8"},
    {0x1FA9, "\u1F69\u0399", "\u1FA9"},
    {0x1FAA, "\u1F6A\u0399", "\u1FAA"},
    {0x1FAB, "\u1F6B\u0399", "\u1FAB"},
    {0x1FAC, "\u1F6C\u0399", "\u1FAC"},
    {0x1FAD, "\u1F6D\u0399", "\u1FAD"},
    {0x1FAE, "\u1F6E\u0399", "\u1FAE"},
    {0x1FAF, "\u1F6F\u0399", "\u1FAF"},
    {0x1FB2, "\u1FBA\u0399", "\u1FBA\u0345"},
    {0x1FB3, "\u0391\u0399", "\u1FBC"},
    {0x1FB4, "\u0386\u0399", "\u0386\u0345"},
    {0x1FB6, "\u0391\u0342", ""},
    {0x1FB7, "\u0391\u0342\u0399", "\u0391\u0342\u0345"},
    {0x1FBC, "\u0391\u0399", "\u1FBC"},
    {0x1FBE, "\u0399", ""},
    {0x1FC2, "\u1FCA\u0399", "\u1FCA\u0345"},
    {0x1FC3, "\u0397\u0399", "\u1FCC"},
    {0x1FC4, "\u0389\u0399", "\u0389\u0345"},
    {0x1FC6, "\u0397\u0342", ""},
    {0x1FC7, "\u0397\u0342\u0399", "\u0397\u0342\u0345"},
    {0x1FCC, "\u0397\u0399", "\u1FCC"},
    {0x1FD2, "\u0399\u0308\u0300", ""},
    {0x1FD3, "\u0399\u0308\u0301", ""},
    {0x1FD6, "\u0399\u0342", ""},
    {0x1FD7, "\u0399\u0308\u0342", ""},
    {0x1FE2, "\u03A5\u0308\u0300", ""},
    {0x1FE3, "\u03A5\u0308\u0301", ""},
    {0x1FE4, "\u03A1\u0313", ""},
    {0x1FE6, "\u03A5\u0342", ""},
    {0x1FE7, "\u03A5\u0308\u0342", ""},
    {0x1FF2, "\u1FFA\u0399", "\u1FFA\u0345"},
    {0x1FF3, "\u03A9\u0399", "\u1FFC"},
    {0x1FF4, "\u038F\u0399", "\u038F\u0345"},
    {0x1FF6, "\u03A9\u0342", ""},
    {0x1FF7, "\u03A9\u0342\u0399", "\u03A9\u0342\u0345"},
    {0x1FFC, "\u03A9\u0399", "\u1FFC"},
    {0xFB00, "FF", "Ff"},
    {0xFB01, "FI", "Fi"},
    {0xFB02, "FL", "Fl"},
    {0xFB03, "FFI", "Ffi"},
    {0xFB04, "FFL", "Ffl"},
    {0xFB05, "ST", "St"},
    {0xFB06, "ST", "St"},
    {0xFB13, "\u0544\u0546", "\u0544\u0576"},
    {0xFB14, "\u0544\u0535", "\u0544\u0565"},
    {0xFB15, "\u0544\u053B", "\u0544\u056B"},
    {0xFB16, "\u054E\u0546", "\u054E\u0576"},
    {0xFB17, "\u0544\u053D", "\u0544\u056D"},
};

const SpecialCase* special_case(char32_t c) {
  const auto* found =
      std::lower_bound(std::begin(kSpecialCases), std::end(kSpecialCases), c,
                       [](const SpecialCase& entry, char32_t b) { return entry.character < b; });
  return found != std::end(kSpecialCases) && found->character == c ? found : nullptr;
}

struct Range {
  char32_t first;
  char32_t last;
};

template <size_t count>
bool is_within(const Range (&ranges)[count], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const Range& range) { return c >= range.first && c <= range.last; });
}

// What has a case without being a letter of one: Roman numerals, circled letters, modifiers.
constexpr Range kOtherUpper[] = {
    {0x2160, 0x216F}, {0x24B6, 0x24CF}, {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}};
constexpr Range kOtherLower[] = {
    {0xAA, 0xAA},       {0xBA, 0xBA},       {0x2B0, 0x2B8},     {0x2C0, 0x2C1},    {0x2E0, 0x2E4},
    {0x345, 0x345},     {0x37A, 0x37A},     {0x1D2C, 0x1D6A},   {0x1D78, 0x1D78},  {0x1D9B, 0x1DBF},
    {0x2071, 0x2071},   {0x207F, 0x207F},   {0x2090, 0x209C},   {0x2170, 0x217F},  {0x24D0, 0x24E9},
    {0x2C7C, 0x2C7D},   {0xA69C, 0xA69D},   {0xA770, 0xA770},   {0xA7F8, 0xA7F9},  {0xAB5C, 0xAB5F},
    {0x10780, 0x10780}, {0x10783, 0x10785}, {0x10787, 0x107B0}, {0x107B2, 0x107BA}};

/// What may stand within a word beside its letters.
bool is_case_ignorable(char32_t c) {
  constexpr std::u32string_view kWithinWords =
      U"'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";
  using enum GeneralCategory;
  return classify(c).in(category_set(kMn, kMe, kCf, kLm, kSk)) ||
         kWithinWords.find(c) != std::u32string_view::npos;
}

/// Whether the character at `offset` ends a word: a letter comes before it, and none after.
bool ends_word(std::string_view text, size_t offset) {
  const size_t before = skip_trailing(text.substr(0, offset), is_case_ignorable);
  const auto is_cased = [](char32_t c) { return case_of(c) != LetterCase::kNone; };
  if (skip_trailing(text.substr(0, before), is_cased) == before) return false;
  const std::string_view rest = text.substr(offset + character_bytes(text[offset]));
  const std::string_view after = rest.substr(skip_leading(rest, is_case_ignorable));
  return after.empty() || !is_cased(decode_utf8(after).code_point);
}

}  // namespace

LetterCase case_of(char32_t c) {
  const GeneralCategory category = classify(c).category;
  if (category == GeneralCategory::kLu || is_within(kOtherUpper, c)) return LetterCase::kUpper;
  if (category == GeneralCategory::kLl || is_within(kOtherLower, c)) return LetterCase::kLower;
  return category == GeneralCategory::kLt ? LetterCase::kTitle : LetterCase::kNone;
}

void append_upper(std::string& out, char32_t c) {
  if (const SpecialCase* special = c < 0x80 ? nullptr : special_case(c)) {
    out += special->upper;
  } else {
    append_utf8(out, hearth::to_upper(c));
  }
}

void append_title(std::string& out, char32_t c) {
  const bool is_georgian = c >= 0x10D0 && c <= 0x10FF;  // whose capitals begin no words
  const SpecialCase* special = c < 0x80 ? nullptr : special_case(c);
  if (special != nullptr && !special->title.empty()) {
    out += special->title;
  } else if (is_georgian) {
    append_utf8(out, c);
  } else {
    append_upper(out, c);
  }
}

void append_lower(std::string& out, std::string_view text, size_t offset) {
  constexpr char32_t kCapitalSigma = 0x3A3;
  constexpr char32_t kFinalSigma = 0x3C2;
  constexpr char32_t kDottedI = 0x130;
  const char32_t c = decode_utf8(text.substr(offset)).code_point;
  if (c == kDottedI) {
    out += "i\u0307";
  } else {
    append_utf8(out, c == kCapitalSigma && ends_word(text, offset) ? kFinalSigma : hearth::to_lower(c));
  }
}

void append_folded(std::string& out, char32_t c) {
  const bool is_cherokee = (c >= 0x13A0 && c <= 0x13FD) || (c >= 0xAB70 && c <= 0xABBF);
  if (is_cherokee) return append_upper(out, c);
  if (c == 0x1E9E) {
    out += "ss";
    return;
  }
  // Letters that share a capital fold to one; the dotless i does not.
  std::string upper;
  if (c != 0x131) append_upper(upper, c);
  if (c == 0x131) append_utf8(upper, c);
  each_character(upper, [&](char32_t part, std::string_view) {
    std::string bytes;
    append_utf8(bytes, part);
    part == 0x3A3 ? append_utf8(out, 0x3C3) : append_lower(out, bytes, 0);
  });
}

size_t count_characters(std::string_view bytes) {
  return static_cast<size_t>(
      std::count_if(bytes.begin(), bytes.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
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
  constexpr Range kOtherDigits[] = {
      {0xB2, 0xB3},     {0xB9, 0xB9},       {0x1369, 0x1371},   {0x19DA, 0x19DA},   {0x2070, 0x2070},
      {0x2074, 0x2079}, {0x2080, 0x2089},   {0x2460, 0x2468},   {0x2474, 0x247C},   {0x2488, 0x2490},
      {0x24EA, 0x24EA}, {0x24F5, 0x24FD},   {0x24FF, 0x24FF},   {0x2776, 0x277E},   {0x2780, 0x2788},
      {0x278A, 0x2792}, {0x10A40, 0x10A43}, {0x10E60, 0x10E68}, {0x11052, 0x1105A}, {0x1F100, 0x1F10A}};
  return is_decimal_digit(character) || is_within(kOtherDigits, character);
}
bool is_word_character(char32_t character) {
  return character == '_' || classify(character).in(kLetters | kNumbers);
}

}  // namespace hearth::jinja
