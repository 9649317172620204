// The classes of characters that pre-tokenizers' regular expressions list range by range.
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

#include "engine/text/pre_tokenizer_matchers.h"

namespace hearth {

struct CodePointRange {
  char32_t first;
  char32_t last;
};

/// Whether sorted ranges hold the character.
template <size_t n>
bool in_ranges(const CodePointRange (&ranges)[n], const Character& c) {
  const auto* after = std::upper_bound(
      std::begin(ranges), std::end(ranges), c.code_point,
      [](char32_t code_point, const CodePointRange& range) { return code_point < range.first; });
  return after != std::begin(ranges) && c.code_point <= std::prev(after)->last;
}

inline bool is_one_of(const Character& c, std::u32string_view characters) {
  return characters.find(c.code_point) != std::u32string_view::npos;
}

/// Oniguruma's \w: letters, marks, digits and what joins them. Letters in circles and squares count.
inline constexpr CodePointRange kEnclosedLetters[] = {
    {0x24B6, 0x24E9}, {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}};
inline bool is_word_character(const Character& c) {
  return c.in(kLetters | kMarks |
              category_set(GeneralCategory::kNd, GeneralCategory::kNl, GeneralCategory::kPc)) ||
         in_ranges(kEnclosedLetters, c);
}

// DeepSeek.

// [A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿ...]: the letters with case that its tokenizer.json lists one by one
inline constexpr CodePointRange kCasedLetters[] = {
    {0x41, 0x5A},       {0x61, 0x7A},       {0xB5, 0xB5},       {0xC0, 0xD6},       {0xD8, 0xF6},
    {0xF8, 0x1BA},      {0x1BC, 0x1BF},     {0x1C4, 0x293},     {0x295, 0x2AF},     {0x370, 0x373},
    {0x376, 0x377},     {0x37B, 0x37D},     {0x37F, 0x37F},     {0x386, 0x386},     {0x388, 0x38A},
    {0x38C, 0x38C},     {0x38E, 0x3A1},     {0x3A3, 0x3F5},     {0x3F7, 0x481},     {0x48A, 0x52F},
    {0x531, 0x556},     {0x10A0, 0x10C5},   {0x13A0, 0x13F5},   {0x13F8, 0x13FD},   {0x1C90, 0x1CBA},
    {0x1CBD, 0x1CBF},   {0x1D00, 0x1D2B},   {0x1D6B, 0x1D77},   {0x1D79, 0x1D9A},   {0x1E00, 0x1F15},
    {0x1F18, 0x1F1D},   {0x1F20, 0x1F45},   {0x1F48, 0x1F4D},   {0x1F50, 0x1F57},   {0x1F59, 0x1F59},
    {0x1F5B, 0x1F5B},   {0x1F5D, 0x1F5D},   {0x1F5F, 0x1F7D},   {0x1F80, 0x1FB4},   {0x1FB6, 0x1FBC},
    {0x1FBE, 0x1FBE},   {0x1FC2, 0x1FC4},   {0x1FC6, 0x1FCC},   {0x1FD0, 0x1FD3},   {0x1FD6, 0x1FDB},
    {0x1FE0, 0x1FEC},   {0x1FF2, 0x1FF4},   {0x1FF6, 0x1FFC},   {0x2102, 0x2102},   {0x2107, 0x2107},
    {0x210A, 0x2113},   {0x2115, 0x2115},   {0x2119, 0x211D},   {0x2124, 0x2124},   {0x2126, 0x2126},
    {0x2128, 0x2128},   {0x212A, 0x212D},   {0x212F, 0x2134},   {0x2139, 0x2139},   {0x213C, 0x213F},
    {0x2145, 0x2149},   {0x214E, 0x214E},   {0x2183, 0x2184},   {0x2C00, 0x2C7B},   {0x2C7E, 0x2CE4},
    {0x2CEB, 0x2CEE},   {0x2CF2, 0x2CF3},   {0xA640, 0xA66D},   {0xA680, 0xA69B},   {0xA722, 0xA76F},
    {0xA771, 0xA787},   {0xA78B, 0xA78E},   {0xAB70, 0xABBF},   {0xFB00, 0xFB06},   {0xFB13, 0xFB17},
    {0xFF21, 0xFF3A},   {0xFF41, 0xFF5A},   {0x10400, 0x1044F}, {0x104B0, 0x104D3}, {0x104D8, 0x104FB},
    {0x10C80, 0x10CB2}, {0x10CC0, 0x10CF2}, {0x118A0, 0x118DF}, {0x1E900, 0x1E943},
};
inline bool is_cased_letter(const Character& c) { return in_ranges(kCasedLetters, c); }

// [!-/:-~！-／：-～‘-‟　-。]
inline constexpr CodePointRange kDeepseekPunctuation[] = {
    {0x21, 0x2F}, {0x3A, 0x7E}, {0x2018, 0x201F}, {0x3000, 0x3002}, {0xFF01, 0xFF0F}, {0xFF1A, 0xFF5E},
};
inline bool is_deepseek_punctuation(const Character& c) { return in_ranges(kDeepseekPunctuation, c); }

// [一-龥ࠀ-一가-퟿]
inline constexpr CodePointRange kDeepseekAsian[] = {{0x800, 0x9FA5}, {0xAC00, 0xD7FF}};
inline bool is_deepseek_asian(const Character& c) { return in_ranges(kDeepseekAsian, c); }

// [一-龥぀-ゟ゠-ヿ]
inline constexpr CodePointRange kHanAndKana[] = {{0x3040, 0x30FF}, {0x4E00, 0x9FA5}};
inline bool is_han_or_kana(const Character& c) { return in_ranges(kHanAndKana, c); }

// Youtu.

// [가-힣ㄱ-ㆎ]
inline constexpr CodePointRange kKorean[] = {{0x3131, 0x318E}, {0xAC00, 0xD7A3}};
inline bool is_korean(const Character& c) { return in_ranges(kKorean, c); }

// [！…“”‘’—：；，、-〿︰-﹏]
inline constexpr CodePointRange kWidePunctuation[] = {
    {0x2014, 0x2014}, {0x2018, 0x2019}, {0x201C, 0x201D}, {0x2026, 0x2026}, {0x3001, 0x303F},
    {0xFE30, 0xFE4F}, {0xFF01, 0xFF01}, {0xFF0C, 0xFF0C}, {0xFF1A, 0xFF1B},
};
inline bool is_wide_punctuation(const Character& c) { return in_ranges(kWidePunctuation, c); }

// [ㄅ-ㄯ]
inline bool is_bopomofo(const Character& c) { return c.code_point >= 0x3105 && c.code_point <= 0x312F; }

// AFMoE.

// [一-鿿㐀-䶿豈-﫿぀-ゟ゠-ヿ･-ﾟ⼀-⿟เ-๿຀-໿ក-៿က-႟ꩠ-ꩿꧠ-꧿가-힯ᄀ-ᇿ]
// in which the third range begins with U+F900, which looks like U+8C48
inline constexpr CodePointRange kUnspacedScripts[] = {
    {0xE40, 0xE7F},   {0xE80, 0xEFF},   {0x1000, 0x109F}, {0x1100, 0x11FF}, {0x1780, 0x17FF},
    {0x2F00, 0x2FDF}, {0x3040, 0x30FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xA9E0, 0xA9FF},
    {0xAA60, 0xAA7F}, {0xAC00, 0xD7AF}, {0xF900, 0xFAFF}, {0xFF65, 0xFF9F},
};
inline bool is_of_unspaced_script(const Character& c) { return in_ranges(kUnspacedScripts, c); }

}  // namespace hearth
