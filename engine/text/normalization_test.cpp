#include "engine/text/normalization.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/text/unicode.h"

namespace hearth {
namespace {

std::string utf8(std::u32string_view code_points) {
  std::string text;
  for (const char32_t code_point : code_points) append_utf8(text, code_point);
  return text;
}

void expect_nfc(std::u32string_view text, std::u32string_view composed) {
  EXPECT_EQ(to_nfc(utf8(text)), utf8(composed));
  EXPECT_EQ(to_nfc(utf8(composed)), utf8(composed)) << "what is composed stays so";
}

TEST(Nfc, ComposesCharactersWithTheirMarks) {
  expect_nfc(U"e\u0301", U"\u00E9");
  expect_nfc(U"s\u0323\u0307", U"\u1E69");
  expect_nfc(U"s\u0307\u0323", U"\u1E69");  // the mark below goes first
  expect_nfc(U"a\u0315\u0300\u05AE\u0300b", U"\u00E0\u05AE\u0300\u0315b");
  expect_nfc(U"\u0301e", U"\u0301e");  // a mark on nothing
}

TEST(Nfc, ReplacesWhatIsTheSameCharacter) {
  expect_nfc(U"\u0341", U"\u0301");
  expect_nfc(U"\u212B", U"\u00C5");
  expect_nfc(U"\u2126", U"\u03A9");
  expect_nfc(U"\uF900", U"\u8C48");
}

TEST(Nfc, ComposesKoreanSyllables) {
  expect_nfc(U"\u1100\u1161\u11A8", U"\uAC01");
  expect_nfc(U"\uAC00\u11A8", U"\uAC01");
  expect_nfc(U"\uAC01\u11A8", U"\uAC01\u11A8");
  expect_nfc(U"\u1100\u1161\u11A7", U"\uAC00\u11A7");
}

TEST(Nfc, LeavesApartWhatUnicodeExcludes) {
  expect_nfc(U"\u0958", U"\u0915\u093C");
  expect_nfc(U"\u0344", U"\u0308\u0301");
  expect_nfc(U"\u0F71\u0F72", U"\u0F71\u0F72");
  expect_nfc(U"\u0F73", U"\u0F71\u0F72");
}

TEST(Nfc, AMarkThatStandsBetweenBlocks) {
  expect_nfc(U"a\u0316\u0301", U"\u00E1\u0316");  // of another class: it does not
  expect_nfc(U"a\u0302\u0302\u0301", U"\u00E2\u0302\u0301");
  expect_nfc(U"\u1100\u0300\u1161", U"\u1100\u0300\u1161");
  expect_nfc(U"\u0B47\u0300\u0B3E", U"\u0B47\u0300\u0B3E");
}

TEST(Nfc, LeavesLettersOfCompatibilityAlone) { expect_nfc(U"ﬁ²Ａ①", U"ﬁ²Ａ①"); }

TEST(Nfc, IsWhatPythonMakesOfEveryCodePoint) {
  std::string all;
  for (char32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    if (code_point >= 0xD800 && code_point <= 0xDFFF) continue;
    append_utf8(all, code_point);
    if (code_point != 0x10FFFF) all += '\n';
  }
  uint64_t hash = 0xCBF29CE484222325;  // FNV-1a
  for (const char byte : to_nfc(all)) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001B3;
  // The same of unicodedata.normalize("NFC", text).
  EXPECT_EQ(hash, 0x81BCC8B8D7C91AF9U);
}

TEST(Nfc, BytesThatAreNoCharactersStayAndEndWhatPrecedes) {
  EXPECT_EQ(to_nfc("e\xCC\x81\xFF\xCC\x81 \xE2\x96"), "\xC3\xA9\xFF\xCC\x81 \xE2\x96");
  EXPECT_EQ(to_nfc(""), "");
}

TEST(Nfc, IsTheSameAgainAndForDecomposedText) {
  // Marks of all classes and bases that compose, in random order.
  constexpr std::u32string_view kLetters32 = U"aeosAEOS\u1100\u1161\u11A8\u0B47\u0B3E\u0915\u03B1 ";
  constexpr std::u32string_view kMarks32 =
      U"\u0300\u0301\u0302\u0307\u0308\u0316\u0323\u0327\u0328\u0338\u0345\u035C\u0591\u093C\u094D\u0F71"
      U"\u3099";
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    std::u32string decomposed;
    for (int i = 0; i < 12; ++i) {
      const std::u32string_view from = random() % 3 == 0 ? kLetters32 : kMarks32;
      const char32_t code_point = from[random() % from.size()];
      append_utf8(text, code_point);
    }
    const std::string composed = to_nfc(text);
    ASSERT_EQ(to_nfc(composed), composed) << text;
    for (size_t at = 0; at < composed.size();) {
      const Utf8Character character = decode_utf8(std::string_view(composed).substr(at));
      append_decomposition(decomposed, character.code_point);
      at += character.bytes;
    }
    ASSERT_EQ(to_nfc(utf8(decomposed)), composed) << text;
  }
}

}  // namespace
}  // namespace hearth
