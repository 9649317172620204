#include "engine/text/plamo_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/text/token_names_testing.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using testing::names;

TokenizerData plamo_data(std::initializer_list<std::pair<const char*, float>> tokens) {
  TokenizerData data;
  data.special.unk = data.vocabulary.add("<|plamo:unk|>", TokenType::kUnknown);
  data.vocabulary.add("<|plamo:bos|>", TokenType::kControl);
  for (const char* byte : {"<0xC3>", "<0xA9>", "<0x78>"}) data.vocabulary.add(byte, TokenType::kByte);
  for (const auto& [text, score] : tokens) data.vocabulary.add(text, TokenType::kNormal, score);
  return data;
}

TEST(PlamoTokenizer, TakesTheCutWithTheHighestSum) {
  const auto tokenizer =
      make_plamo_tokenizer(plamo_data({{"a", -1}, {"b", -1}, {"ab", -3}, {"bc", -1}, {"c", -5}}));
  EXPECT_THAT(names(*tokenizer, "ab"), ElementsAre("a", "b"));
  EXPECT_THAT(names(*tokenizer, "abc"), ElementsAre("a", "bc"));
}

TEST(PlamoTokenizer, OfEqualSumsTakesTheLongestFromTheBeginningOn) {
  const auto tokenizer =
      make_plamo_tokenizer(plamo_data({{"a", -1}, {"b", -1}, {"c", -1}, {"ab", -2}, {"bc", -2}}));
  EXPECT_THAT(names(*tokenizer, "abc"), ElementsAre("ab", "c"));
}

TEST(PlamoTokenizer, CountsInTenThousandths) {
  // -1.00004 and -1.00000 are the same.
  const auto tokenizer = make_plamo_tokenizer(plamo_data({{"a", -0.5F}, {"b", -0.5F}, {"ab", -1.00004F}}));
  EXPECT_THAT(names(*tokenizer, "ab"), ElementsAre("ab"));
}

TEST(PlamoTokenizer, CharactersInNoTokenAreBytes) {
  const auto tokenizer = make_plamo_tokenizer(plamo_data({{"a", -1}, {"ax", -900}, {" ", -1}}));
  EXPECT_THAT(names(*tokenizer, " aé"), ElementsAre(" ", "a", "<0xC3>", "<0xA9>"));
  EXPECT_THAT(names(*tokenizer, "ax"), ElementsAre("ax")) << "an unknown character costs 1000";
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(" aéax")), " aéax");
  const auto dearer = make_plamo_tokenizer(plamo_data({{"a", -1}, {"ax", -1002}, {"ay", -2000}}));
  EXPECT_THAT(names(*dearer, "ax"), ElementsAre("a", "<0x78>"));
  EXPECT_THAT(names(*dearer, "ay"), ElementsAre("a", "<|plamo:unk|>")) << "-2000 is never taken";
}

TEST(PlamoTokenizer, KeepsAByteOrderMark) {
  const auto tokenizer = make_plamo_tokenizer(plamo_data({{"\uFEFF", -1}, {"a", -1}}));
  EXPECT_THAT(names(*tokenizer, "\uFEFFa"), ElementsAre("\uFEFF", "a"));
}

}  // namespace
}  // namespace hearth
