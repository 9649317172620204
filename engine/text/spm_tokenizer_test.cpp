#include "engine/text/spm_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/text/token_names_testing.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using testing::names;

/// <unk> 0, <s> 1, </s> 2, then the letters a b c with U+2581 and some merges of them.
TokenizerData small_spm_data() {
  TokenizerData data;
  data.vocabulary.add("<unk>", TokenType::kUnknown);
  data.vocabulary.add("<s>", TokenType::kControl);
  data.vocabulary.add("</s>", TokenType::kControl);
  float score = 0;
  for (const char* text : {"ab", "bc", "▁a", "▁ab", "▁", "a", "b", "c", "abc"}) {
    data.vocabulary.add(text, TokenType::kNormal, score--);
  }
  data.special = {.bos = 1, .eos = 2, .unk = 0, .add_bos = true};
  data.add_space_prefix = true;
  return data;
}

void add_byte_tokens(TokenizerData& data) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (int byte = 0; byte < 256; ++byte) {
    const std::string name = {'<', '0', 'x', kDigits[byte / 16], kDigits[byte % 16], '>'};
    data.vocabulary.add(name, TokenType::kByte);
  }
}

TEST(SpmTokenizer, MergesThePairWithTheHighestScoreFirst) {
  const auto tokenizer = make_spm_tokenizer(small_spm_data());
  // Of ab (0), bc (-1) and ▁a (-2), ab wins; then ▁ab (-3) beats abc (-8).
  EXPECT_THAT(names(*tokenizer, tokenizer->encode("abc", false)), ElementsAre("▁ab", "c"));
  EXPECT_THAT(names(*tokenizer, tokenizer->encode("cabc bc", false)),
              ElementsAre("▁", "c", "abc", "▁", "bc"));
}

TEST(SpmTokenizer, OfEqualScoresTheLeftmostIsMerged) {
  TokenizerData data;
  for (const char* text : {"a", "aa"}) data.vocabulary.add(text, TokenType::kNormal, -1);
  const auto tokenizer = make_spm_tokenizer(std::move(data));
  EXPECT_THAT(names(*tokenizer, tokenizer->encode("aaaaa", false)), ElementsAre("aa", "aa", "a"));
}

TEST(SpmTokenizer, AddsTheBeginningWhereAsked) {
  const auto tokenizer = make_spm_tokenizer(small_spm_data());
  EXPECT_THAT(names(*tokenizer, tokenizer->encode("a")), ElementsAre("<s>", "▁a"));
  EXPECT_THAT(names(*tokenizer, tokenizer->encode("")), ElementsAre("<s>"));
  EXPECT_THAT(tokenizer->encode("", false), ElementsAre());
}

TEST(SpmTokenizer, PutsASpaceBeforeATextAndAfterSpecialTokens) {
  const auto tokenizer = make_spm_tokenizer(small_spm_data());
  EXPECT_THAT(names(*tokenizer, tokenizer->encode("a</s>a")), ElementsAre("<s>", "▁a", "</s>", "▁a"));
  TokenizerData data = small_spm_data();
  data.add_space_prefix = false;
  const auto without = make_spm_tokenizer(std::move(data));
  EXPECT_THAT(names(*without, without->encode("a</s>a")), ElementsAre("<s>", "a", "</s>", "a"));
}

TEST(SpmTokenizer, AUserCannotSpellAControlToken) {
  TokenizerData data = small_spm_data();
  for (const char* text : {"<", "/", "s", ">", "</", "</s", "s>"}) {
    data.vocabulary.add(text, TokenType::kNormal, 5);
  }
  const auto tokenizer = make_spm_tokenizer(std::move(data));
  const std::vector<TextPiece> pieces{{"a</s>", true}, {"a</s>", false}};
  EXPECT_THAT(names(*tokenizer, tokenizer->encode(pieces, true)),
              ElementsAre("<s>", "▁a", "</s>", "▁a", "</s", ">"));
}

TEST(SpmTokenizer, PieceBoundariesAreNoTokenBoundaries) {
  const auto tokenizer = make_spm_tokenizer(small_spm_data());
  const std::vector<TextPiece> pieces{{"a", true}, {"b", false}};
  EXPECT_THAT(names(*tokenizer, tokenizer->encode(pieces, false)), ElementsAre("▁ab"));
}

TEST(SpmTokenizer, UnknownCharactersBecomeBytesOrElseUnknown) {
  const auto without = make_spm_tokenizer(small_spm_data());
  EXPECT_THAT(names(*without, without->encode("aé", false)), ElementsAre("▁a", "<unk>"));
  EXPECT_EQ(without->decode(without->encode("aé", false)), "a \u2047 ");
  EXPECT_EQ(without->decode(without->encode("é", false)), " \u2047 ");
  EXPECT_EQ(without->decode(without->encode("é", false), true), "<unk>");

  TokenizerData data = small_spm_data();
  add_byte_tokens(data);
  const auto with = make_spm_tokenizer(std::move(data));
  EXPECT_THAT(names(*with, with->encode("aé", false)), ElementsAre("▁a", "<0xC3>", "<0xA9>"));
  EXPECT_EQ(with->decode(with->encode("aé\xFF", false)), "aé\xFF");
}

TEST(SpmTokenizer, ASpaceThatIsNoTokenIsItsByte) {
  TokenizerData data;
  data.vocabulary.add("a", TokenType::kNormal);
  add_byte_tokens(data);
  const auto tokenizer = make_spm_tokenizer(std::move(data));
  EXPECT_THAT(names(*tokenizer, tokenizer->encode("a a")), ElementsAre("a", "<0x20>", "a"));
}

TEST(SpmTokenizer, DecodingDropsTheSpaceThatEncodingAdded) {
  const auto tokenizer = make_spm_tokenizer(small_spm_data());
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("ab c")), "ab c");
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("  a")), "  a");
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("a"), true), "<s>a");
  EXPECT_EQ(tokenizer->token_bytes(tokenizer->find("▁a")), " a");
}

TEST(SpmTokenizer, TokensWithInnerSpacesAreFoundAcrossWords) {
  TokenizerData data = small_spm_data();
  data.vocabulary.add("b▁", TokenType::kNormal, 1);
  data.vocabulary.add("b▁c", TokenType::kNormal, 1);
  const auto tokenizer = make_spm_tokenizer(std::move(data));
  EXPECT_THAT(names(*tokenizer, tokenizer->encode("ab c", false)), ElementsAre("▁a", "b▁c"));
}

TEST(SpmTokenizer, WordsThatComeAgainGetTheSameIds) {
  const auto tokenizer = make_spm_tokenizer(small_spm_data());
  const std::vector<TokenId> once = tokenizer->encode(" abc cab", false);
  std::string text;
  for (int i = 0; i < 50; ++i) text += " abc cab";
  const std::vector<TokenId> many = tokenizer->encode(text, false);
  // Only the first has the added space.
  ASSERT_EQ(many.size(), 50 * (once.size() - 1) + 1);
  EXPECT_TRUE(std::equal(once.begin() + 1, once.end(), many.end() - static_cast<ptrdiff_t>(once.size() - 1)));
}

}  // namespace
}  // namespace hearth
