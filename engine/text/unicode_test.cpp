#include "engine/text/unicode.h"

#include <gtest/gtest.h>

namespace hearth {
namespace {

using Category = GeneralCategory;

void expect_decoded(std::string_view text, char32_t code_point, int bytes, Utf8State state) {
  const Utf8Character character = decode_utf8(text);
  EXPECT_EQ(character.code_point, code_point);
  EXPECT_EQ(character.bytes, bytes);
  EXPECT_EQ(character.state, state);
}

TEST(Utf8, EveryCodePointRoundTrips) {
  for (char32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    std::string text;
    append_utf8(text, code_point);
    const Utf8Character decoded = decode_utf8(text);
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    ASSERT_EQ(decoded.state, surrogate ? Utf8State::kInvalid : Utf8State::kValid)
        << std::hex << static_cast<uint32_t>(code_point);
    if (!surrogate) {
      ASSERT_EQ(decoded.code_point, code_point);
      ASSERT_EQ(decoded.bytes, text.size());
    }
  }
}

TEST(Utf8, RefusesWhatIsNoCharacter) {
  expect_decoded("\x80", kReplacementCharacter, 1, Utf8State::kInvalid);              // a stray continuation
  expect_decoded("\xC0\xAF", kReplacementCharacter, 1, Utf8State::kInvalid);          // overlong
  expect_decoded("\xE0\x80\x80", kReplacementCharacter, 1, Utf8State::kInvalid);      // overlong
  expect_decoded("\xF4\x90\x80\x80", kReplacementCharacter, 1, Utf8State::kInvalid);  // above U+10FFFF
  expect_decoded("\xFF", kReplacementCharacter, 1, Utf8State::kInvalid);
  expect_decoded("\xE2\x96z", kReplacementCharacter, 2, Utf8State::kInvalid);  // broken off by a letter
}

TEST(Utf8, TellsAnUnfinishedCharacterFromABrokenOne) {
  expect_decoded("\xE2\x96", kReplacementCharacter, 2, Utf8State::kUnfinished);
  expect_decoded("\xF0\x9F\xA6", kReplacementCharacter, 3, Utf8State::kUnfinished);
  expect_decoded("\xF0\x9F\xA6\x99", 0x1F999, 4, Utf8State::kValid);
}

TEST(Classify, KnowsTheGeneralCategories) {
  EXPECT_EQ(classify(U'a').category, Category::kLl);
  EXPECT_EQ(classify(U'A').category, Category::kLu);
  EXPECT_EQ(classify(U'ǅ').category, Category::kLt);
  EXPECT_EQ(classify(U'ー').category, Category::kLm);
  EXPECT_EQ(classify(U'我').category, Category::kLo);
  EXPECT_EQ(classify(U'5').category, Category::kNd);
  EXPECT_EQ(classify(U'Ⅷ').category, Category::kNl);
  EXPECT_EQ(classify(U'½').category, Category::kNo);
  EXPECT_EQ(classify(U'_').category, Category::kPc);
  EXPECT_EQ(classify(U'$').category, Category::kSc);
  EXPECT_EQ(classify(0x0301).category, Category::kMn);
  EXPECT_EQ(classify(0x1F999).category, Category::kSo);
  EXPECT_EQ(classify(U'\n').category, Category::kCc);
  EXPECT_EQ(classify(0xD800).category, Category::kCs);
  EXPECT_EQ(classify(0x0378).category, Category::kCn);
  EXPECT_EQ(classify(0x110000).category, Category::kCn);
  EXPECT_TRUE(classify(U'ß').in(kLetters));
  EXPECT_FALSE(classify(U'5').in(kLetters));
}

TEST(Classify, WhiteSpaceIsThePropertyNotTheCategory) {
  for (const char32_t code_point : {0x09, 0x0A, 0x0D, 0x20, 0x85, 0xA0, 0x2003, 0x2028, 0x3000}) {
    EXPECT_TRUE(classify(code_point).white_space) << std::hex << static_cast<uint32_t>(code_point);
  }
  EXPECT_FALSE(classify(0x200B).white_space);  // zero width space
  EXPECT_FALSE(classify(0x1C).white_space);
}

TEST(Classify, HanIsTheScript) {
  EXPECT_TRUE(classify(U'工').han);
  EXPECT_TRUE(classify(0x20000).han);
  EXPECT_TRUE(classify(U'々').han);
  EXPECT_FALSE(classify(U'の').han);
  EXPECT_FALSE(classify(U'。').han);
}

TEST(ToLower, MapsWhatHasALowerCase) {
  EXPECT_EQ(to_lower(U'A'), U'a');
  EXPECT_EQ(to_lower(U'Ž'), U'ž');
  EXPECT_EQ(to_lower(U'Б'), U'б');
  EXPECT_EQ(to_lower(U'Ω'), U'ω');
  EXPECT_EQ(to_lower(0x2126), U'ω');  // ohm sign
  EXPECT_EQ(to_lower(0x1E900), char32_t{0x1E922});
  for (const char32_t unchanged : {U'a', U'ž', U'1', U' ', U'我'}) EXPECT_EQ(to_lower(unchanged), unchanged);
}

TEST(Decomposition, IsFullAndCanonical) {
  const auto decomposed = [](char32_t code_point) {
    std::u32string out;
    append_decomposition(out, code_point);
    return out;
  };
  EXPECT_EQ(decomposed(U'é'), U"e\u0301");
  EXPECT_EQ(decomposed(0x1E69), U"s\u0323\u0307");  // two levels
  EXPECT_EQ(decomposed(U'각'), U"\u1100\u1161\u11A8");
  EXPECT_EQ(decomposed(U'가'), U"\u1100\u1161");
  EXPECT_EQ(decomposed(U'ﬁ'), U"ﬁ");  // a compatibility decomposition is none
  EXPECT_EQ(decomposed(U'x'), U"x");
}

TEST(CombiningClass, IsZeroForWhatIsNotReordered) {
  EXPECT_EQ(combining_class(0x0301), 230);
  EXPECT_EQ(combining_class(0x0323), 220);
  EXPECT_EQ(combining_class(0x3099), 8);
  EXPECT_EQ(combining_class(0x0903), 0);  // a mark that takes room
  EXPECT_EQ(combining_class(U'a'), 0);
  EXPECT_EQ(combining_class(0x110000), 0);
}

}  // namespace
}  // namespace hearth
