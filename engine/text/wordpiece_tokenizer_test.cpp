#include "engine/text/wordpiece_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/text/token_names_testing.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using testing::names;

TokenizerData small_wordpiece_data() {
  TokenizerData data;
  for (const char* text : {"[UNK]", "[CLS]", "[SEP]"}) data.vocabulary.add(text, TokenType::kControl);
  for (const char* text : {"▁run", "ning", "n", "▁cafe", "▁,", "▁工", "▁Run", "▁ㅏ", "▁カ", "▁["}) {
    data.vocabulary.add(text, TokenType::kNormal);
  }
  data.special = {.bos = 1, .eos = 2, .unk = 0, .sep = 2, .add_bos = true, .add_eos = true};
  return data;
}

TEST(WordPieceTokenizer, CutsWordsIntoTheLongestTokens) {
  const auto tokenizer = make_wordpiece_tokenizer(small_wordpiece_data());
  EXPECT_THAT(names(*tokenizer, "running runn"), ElementsAre("▁run", "ning", "▁run", "n"));
}

TEST(WordPieceTokenizer, AWordThatDoesNotComeOutIsUnknown) {
  const auto tokenizer = make_wordpiece_tokenizer(small_wordpiece_data());
  EXPECT_THAT(names(*tokenizer, "run runx ning"), ElementsAre("▁run", "[UNK]", "[UNK]"));
}

TEST(WordPieceTokenizer, AddsTheClassifyingAndSeparatingTokens) {
  const auto tokenizer = make_wordpiece_tokenizer(small_wordpiece_data());
  EXPECT_THAT(names(*tokenizer, "run", true), ElementsAre("[CLS]", "▁run", "[SEP]"));
}

TEST(WordPieceTokenizer, LowersAndStripsAccents) {
  const auto tokenizer = make_wordpiece_tokenizer(small_wordpiece_data());
  EXPECT_THAT(names(*tokenizer, "Café CAFE\u0301"), ElementsAre("▁cafe", "▁cafe"));
  TokenizerData data = small_wordpiece_data();
  data.lowercase = data.strip_accents = false;
  const auto cased = make_wordpiece_tokenizer(std::move(data));
  EXPECT_THAT(names(*cased, "Run run café"), ElementsAre("▁Run", "▁run", "[UNK]"));
}

TEST(WordPieceTokenizer, PunctuationAndChineseCharactersAreWords) {
  const auto tokenizer = make_wordpiece_tokenizer(small_wordpiece_data());
  EXPECT_THAT(names(*tokenizer, "run,run工工"), ElementsAre("▁run", "▁,", "▁run", "▁工", "▁工"));
}

TEST(WordPieceTokenizer, DropsControlCharacters) {
  using std::string_view_literals::operator""sv;
  const auto tokenizer = make_wordpiece_tokenizer(small_wordpiece_data());
  EXPECT_THAT(names(*tokenizer, "r\0u\u200Bn\xFF \t\n\u3000run"sv), ElementsAre("▁run", "▁run"));
}

TEST(WordPieceTokenizer, AUserCannotSpellAControlToken) {
  const auto tokenizer = make_wordpiece_tokenizer(small_wordpiece_data());
  const TextPiece user{"[SEP]", false};
  EXPECT_THAT(tokenizer->encode({&user, 1}, false), ElementsAre(tokenizer->find("▁["), 0, 0));
}

TEST(WordPieceTokenizer, DecodesWordsWithSpacesBetween) {
  const auto tokenizer = make_wordpiece_tokenizer(small_wordpiece_data());
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("Running  run")), "running run");
}

TEST(WordPieceTokenizer, TakesOnlyTabsAndLineEndsOfTheControlsForWhiteSpace) {
  const auto tokenizer = make_wordpiece_tokenizer(small_wordpiece_data());
  EXPECT_THAT(names(*tokenizer, "r\u0085u\vn run"), ElementsAre("▁run", "▁run"));
  EXPECT_THAT(names(*tokenizer, "run\trun\nrun\rrun"), ElementsAre("▁run", "▁run", "▁run", "▁run"));
}

/// The tokens of `names`, decoded as a whole and one by one.
std::string decoded(const std::vector<const char*>& names, bool with_special = false) {
  TokenizerData data = small_wordpiece_data();
  for (const char* text : {"▁i", "▁love", "▁you", "▁!", "▁.", "▁?", "▁'", "▁t", "▁don"}) {
    data.vocabulary.add(text, TokenType::kNormal);
  }
  const auto tokenizer = make_wordpiece_tokenizer(std::move(data));
  std::vector<TokenId> ids;
  StreamDecoder decoder(*tokenizer, false, with_special);
  std::string streamed;
  for (const char* name : names) {
    ids.push_back(tokenizer->find(name));
    streamed += decoder.push(ids.back());
  }
  streamed += decoder.finish();
  const std::string whole = tokenizer->decode(ids, with_special);
  EXPECT_EQ(streamed, whole);
  return whole;
}

TEST(WordPieceTokenizer, DecodesMarksWithoutTheSpaceBeforeThem) {
  EXPECT_EQ(decoded({"▁i", "▁love", "▁you", "▁!"}), "i love you!");
  EXPECT_EQ(decoded({"▁you", "▁,", "▁love", "▁?", "▁!", "▁i", "▁.", "▁.", "▁."}), "you, love?! i...");
  EXPECT_EQ(decoded({"▁!", "▁i"}), "! i");
}

TEST(WordPieceTokenizer, DecodesAQuoteBetweenWordsWithoutTheSpacesAroundIt) {
  EXPECT_EQ(decoded({"▁don", "▁'", "▁t", "▁love"}), "don't love");
  EXPECT_EQ(decoded({"▁i", "▁'"}), "i '");
  EXPECT_EQ(decoded({"▁'", "▁i", "▁'"}), "' i '");
  EXPECT_EQ(decoded({"▁i", "▁'", "▁.", "▁you"}), "i '. you");
  EXPECT_EQ(decoded({"▁i", "▁'", "▁'", "▁you"}), "i'' you");
}

TEST(WordPieceTokenizer, NamesOfSpecialTokensStandApart) {
  EXPECT_EQ(decoded({"[CLS]", "▁run", "ning", "[UNK]", "▁!", "[SEP]"}, true), "[CLS] running [UNK]! [SEP]");
  EXPECT_EQ(decoded({"[CLS]", "▁run", "ning", "[UNK]", "▁!", "[SEP]"}), "running!");
}

}  // namespace
}  // namespace hearth
