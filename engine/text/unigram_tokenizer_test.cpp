#include "engine/text/unigram_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/text/token_names_testing.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using testing::names;

TokenizerData small_unigram_data() {
  TokenizerData data;
  data.vocabulary.add("<pad>", TokenType::kControl);
  data.vocabulary.add("</s>", TokenType::kControl);
  data.vocabulary.add("<unk>", TokenType::kUnknown);
  const std::pair<const char*, float> tokens[] = {{"▁", -3},  {"a", -4},  {"b", -4},  {"c", -4},
                                                  {"ab", -6}, {"bc", -5}, {"▁a", -5}, {"abc", -9.5F}};
  for (const auto& [text, score] : tokens) data.vocabulary.add(text, TokenType::kNormal, score);
  data.special = {.eos = 1, .unk = 2, .pad = 0, .add_eos = true};
  data.add_space_prefix = true;
  return data;
}

std::unique_ptr<const Tokenizer> made_unigram(TokenizerData data) {
  auto tokenizer = make_unigram_tokenizer(std::move(data));
  EXPECT_TRUE(tokenizer.ok());
  return std::move(tokenizer).value();
}

TEST(UnigramTokenizer, FindsTheCutWithTheHighestSumOfScores) {
  const auto tokenizer = made_unigram(small_unigram_data());
  // ▁a + bc = -10 beats ▁ + abc = -12.5 and ▁ + a + bc = -12.
  EXPECT_THAT(names(*tokenizer, "abc"), ElementsAre("▁a", "bc"));
  EXPECT_THAT(names(*tokenizer, "cab"), ElementsAre("▁", "c", "ab"));
}

TEST(UnigramTokenizer, AddsTheEndWhereAsked) {
  EXPECT_THAT(names(*made_unigram(small_unigram_data()), "a", true), ElementsAre("▁a", "</s>"));
  EXPECT_THAT(names(*made_unigram(small_unigram_data()), "", true), ElementsAre("</s>"));
}

TEST(UnigramTokenizer, AStretchOfUnknownCharactersIsOneToken) {
  EXPECT_THAT(names(*made_unigram(small_unigram_data()), "axyéb"), ElementsAre("▁a", "<unk>", "b"));
}

TEST(UnigramTokenizer, UnknownCharactersAreTheirBytesWhereThereAreByteTokens) {
  TokenizerData data;
  data.vocabulary.add("a", TokenType::kNormal);
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (int byte = 0; byte < 256; ++byte) {
    const std::string name = {'<', '0', 'x', kDigits[byte / 16], kDigits[byte % 16], '>'};
    data.vocabulary.add(name, TokenType::kByte);
  }
  const auto tokenizer = made_unigram(std::move(data));
  // A space that is in no token is the byte of a space, not those of U+2581.
  EXPECT_THAT(names(*tokenizer, "a é"), ElementsAre("a", "<0x20>", "<0xC3>", "<0xA9>"));
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("a é")), "a é");
}

TEST(UnigramTokenizer, UserDefinedTokensCostNothing) {
  TokenizerData data = small_unigram_data();
  data.vocabulary.add("<sep>", TokenType::kUserDefined, -100);
  EXPECT_THAT(names(*made_unigram(std::move(data)), "a<sep>b"), ElementsAre("▁a", "<sep>", "b"));
}

TEST(UnigramTokenizer, UserDefinedTokensAreLettersOfTheirWord) {
  TokenizerData data = small_unigram_data();
  data.vocabulary.add("<sep>", TokenType::kUserDefined);
  data.vocabulary.add("<sep>a", TokenType::kUserDefined);
  data.vocabulary.add("▁<", TokenType::kNormal, -1);
  const auto tokenizer = made_unigram(std::move(data));
  EXPECT_THAT(names(*tokenizer, "<sep>b"), ElementsAre("▁", "<sep>", "b"));
  EXPECT_THAT(names(*tokenizer, "a <sep> b<sep>a"), ElementsAre("▁a", "▁", "<sep>", "▁", "b", "<sep>a"));
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("<sep>b <sep>a")), "<sep>b <sep>a");
}

TEST(UnigramTokenizer, RunsOfSpacesBesideUserDefinedTokensCountAsOne) {
  TokenizerData data = small_unigram_data();
  data.vocabulary.add("<sep>", TokenType::kUserDefined);
  data.remove_extra_whitespaces = true;
  EXPECT_THAT(names(*made_unigram(std::move(data)), "a  <sep>  b<sep> "),
              ElementsAre("▁a", "▁", "<sep>", "▁", "b", "<sep>"));
}

TEST(UnigramTokenizer, ATextBeginsAnewAfterAControlToken) {
  EXPECT_THAT(names(*made_unigram(small_unigram_data()), "a</s>a"), ElementsAre("▁a", "</s>", "▁a"));
}

TEST(UnigramTokenizer, TheUnknownTokenDecodesAsSentencePieceWritesIt) {
  const auto tokenizer = made_unigram(small_unigram_data());
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("axb a")), "a \u2047 b a");
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("xa")), " \u2047 a");
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("axb"), true), "a<unk>b</s>");
}

TEST(UnigramTokenizer, RunsOfSpacesMayCountAsOne) {
  EXPECT_THAT(names(*made_unigram(small_unigram_data()), "a  b "), ElementsAre("▁a", "▁", "▁", "b", "▁"));
  TokenizerData data = small_unigram_data();
  data.remove_extra_whitespaces = true;
  const auto tokenizer = made_unigram(std::move(data));
  EXPECT_THAT(names(*tokenizer, "  a  b "), ElementsAre("▁a", "▁", "b"));
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("  a  b ")), "a b");
}

TEST(UnigramTokenizer, DecodesToTheText) {
  const auto tokenizer = made_unigram(small_unigram_data());
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("abc a  cab")), "abc a  cab");
}

TEST(UnigramTokenizer, SpacesAloneAreATextAsAnyOther) {
  const auto tokenizer = made_unigram(small_unigram_data());
  EXPECT_THAT(names(*tokenizer, " "), ElementsAre("▁", "▁"));
  for (const std::string text : {" ", "  ", " a", "a "}) {
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
  }
}

TEST(UnigramTokenizer, SaysWhenTheCharsmapIsDamaged) {
  TokenizerData data = small_unigram_data();
  data.charsmap = {255, 255, 255, 255, 0, 0};
  const auto tokenizer = make_unigram_tokenizer(std::move(data));
  ASSERT_FALSE(tokenizer.ok());
  EXPECT_EQ(tokenizer.error().code, ErrorCode::kInvalidModel);
  EXPECT_THAT(tokenizer.error().message, ::testing::HasSubstr("precompiled_charsmap"));
}

}  // namespace
}  // namespace hearth
