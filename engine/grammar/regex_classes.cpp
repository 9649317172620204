#include "engine/grammar/regex_classes.h"

#include <array>
#include <utility>

namespace hearth {
namespace {

constexpr char32_t kLastOfUnicode = 0x10FFFF;

template <typename Has>
CodePoints those_that(Has has) {
  std::vector<CodePointRange> ranges;
  for (char32_t code_point = 0; code_point <= kLastOfUnicode; ++code_point) {
    if (!has(classify(code_point))) continue;
    if (!ranges.empty() && ranges.back().last + 1 == code_point) {
      ranges.back().last = code_point;
    } else {
      ranges.push_back({code_point, code_point});
    }
  }
  return CodePoints(std::move(ranges));
}

struct Category {
  std::string_view name;
  std::string_view long_name;
  CategorySet set;
};

constexpr auto kCategories = std::to_array<Category>({
    {"L", "Letter", kLetters},
    {"Lu", "Uppercase_Letter", category_set(GeneralCategory::kLu)},
    {"Ll", "Lowercase_Letter", category_set(GeneralCategory::kLl)},
    {"Lt", "Titlecase_Letter", category_set(GeneralCategory::kLt)},
    {"LC", "Cased_Letter", category_set(GeneralCategory::kLu, GeneralCategory::kLl, GeneralCategory::kLt)},
    {"Lm", "Modifier_Letter", category_set(GeneralCategory::kLm)},
    {"Lo", "Other_Letter", category_set(GeneralCategory::kLo)},
    {"M", "Mark", kMarks},
    {"Mn", "Nonspacing_Mark", category_set(GeneralCategory::kMn)},
    {"Mc", "Spacing_Mark", category_set(GeneralCategory::kMc)},
    {"Me", "Enclosing_Mark", category_set(GeneralCategory::kMe)},
    {"N", "Number", kNumbers},
    {"Nd", "Decimal_Number", category_set(GeneralCategory::kNd)},
    {"Nl", "Letter_Number", category_set(GeneralCategory::kNl)},
    {"No", "Other_Number", category_set(GeneralCategory::kNo)},
    {"P", "Punctuation", kPunctuation},
    {"Pc", "Connector_Punctuation", category_set(GeneralCategory::kPc)},
    {"Pd", "Dash_Punctuation", category_set(GeneralCategory::kPd)},
    {"Ps", "Open_Punctuation", category_set(GeneralCategory::kPs)},
    {"Pe", "Close_Punctuation", category_set(GeneralCategory::kPe)},
    {"Pi", "Initial_Punctuation", category_set(GeneralCategory::kPi)},
    {"Pf", "Final_Punctuation", category_set(GeneralCategory::kPf)},
    {"Po", "Other_Punctuation", category_set(GeneralCategory::kPo)},
    {"S", "Symbol", kSymbols},
    {"Sm", "Math_Symbol", category_set(GeneralCategory::kSm)},
    {"Sc", "Currency_Symbol", category_set(GeneralCategory::kSc)},
    {"Sk", "Modifier_Symbol", category_set(GeneralCategory::kSk)},
    {"So", "Other_Symbol", category_set(GeneralCategory::kSo)},
    {"Z", "Separator", category_set(GeneralCategory::kZs, GeneralCategory::kZl, GeneralCategory::kZp)},
    {"Zs", "Space_Separator", category_set(GeneralCategory::kZs)},
    {"Zl", "Line_Separator", category_set(GeneralCategory::kZl)},
    {"Zp", "Paragraph_Separator", category_set(GeneralCategory::kZp)},
    {"C", "Other",
     category_set(GeneralCategory::kCc, GeneralCategory::kCf, GeneralCategory::kCn, GeneralCategory::kCo)},
    {"Cc", "Control", category_set(GeneralCategory::kCc)},
    {"Cf", "Format", category_set(GeneralCategory::kCf)},
    {"Cn", "Unassigned", category_set(GeneralCategory::kCn)},
    {"Co", "Private_Use", category_set(GeneralCategory::kCo)},
});

CodePoints white_space() {
  return CodePoints({{'\t', '\r'},
                     {' ', ' '},
                     {0xA0, 0xA0},
                     {0x1680, 0x1680},
                     {0x2000, 0x200A},
                     {0x2028, 0x2029},
                     {0x202F, 0x202F},
                     {0x205F, 0x205F},
                     {0x3000, 0x3000},
                     {0xFEFF, 0xFEFF}});
}

}  // namespace

std::optional<CodePoints> shorthand_class(char32_t letter) {
  const CodePoints digits({{'0', '9'}});
  const CodePoints word({{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}});
  switch (letter) {
    case 'd':
      return digits;
    case 'D':
      return CodePoints::all() - digits;
    case 'w':
      return word;
    case 'W':
      return CodePoints::all() - word;
    case 's':
      return white_space();
    case 'S':
      return CodePoints::all() - white_space();
    default:
      return std::nullopt;
  }
}

CodePoints any_but_line_ends() {
  return CodePoints::all() - CodePoints({{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}});
}

std::optional<CodePoints> property_class(std::string_view name) {
  for (const std::string_view prefix : {"General_Category=", "gc="}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  for (const Category& category : kCategories) {
    if (name != category.name && name != category.long_name) continue;
    return those_that([&](const CharacterClass& character) { return character.in(category.set); });
  }
  if (name == "Any") return CodePoints::all();
  if (name == "ASCII") return CodePoints({{0, 0x7F}});
  if (name == "White_Space") {
    return those_that([](const CharacterClass& character) { return character.white_space; });
  }
  for (const std::string_view han : {"Han", "Script=Han", "sc=Han", "Script=Hani", "sc=Hani"}) {
    if (name == han) return those_that([](const CharacterClass& character) { return character.han; });
  }
  return std::nullopt;
}

}  // namespace hearth
