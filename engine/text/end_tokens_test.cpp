#include "engine/text/end_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth {
namespace {

using ::testing::ElementsAre;

TEST(EndTokens, AreThoseNamedByIdAndThoseKnownByName) {
  Vocabulary vocabulary;
  for (const char* text : {"</s>", "word", "<|im_end|>", "<|endoftext|>", "<|im_start|>"}) {
    vocabulary.add(text, TokenType::kControl);
  }
  SpecialTokens special{.eos = 0};
  EXPECT_THAT(find_end_tokens(vocabulary, special), ElementsAre(0, 2, 3));
  EXPECT_EQ(special.eot, 2);
}

TEST(EndTokens, TheNamedEndOfTurnStays) {
  Vocabulary vocabulary;
  for (const char* text : {"<|im_end|>", "<turn>"}) vocabulary.add(text, TokenType::kControl);
  SpecialTokens special{.eot = 1};
  EXPECT_THAT(find_end_tokens(vocabulary, special), ElementsAre(0, 1));
  EXPECT_EQ(special.eot, 1);
}

TEST(EndTokens, BecomeControlTokensWhateverTheFileSays) {
  Vocabulary vocabulary;
  vocabulary.add("<|im_end|>", TokenType::kNormal);
  vocabulary.add("eos", TokenType::kUserDefined);
  SpecialTokens special{.eos = 1};
  find_end_tokens(vocabulary, special);
  EXPECT_EQ(vocabulary.type(0), TokenType::kControl);
  EXPECT_EQ(vocabulary.type(1), TokenType::kControl);
}

TEST(EndTokens, GptOssGoesOnAfterEnd) {
  Vocabulary vocabulary;
  for (const char* text : {"<|end|>", "<|return|>", "<|call|>"}) vocabulary.add(text, TokenType::kControl);
  SpecialTokens special{.eos = 1};
  EXPECT_THAT(find_end_tokens(vocabulary, special), ElementsAre(1, 2));
  EXPECT_EQ(special.eot, kNoToken);
}

TEST(EndTokens, SolarOpenGoesOnAfterEnd) {
  Vocabulary vocabulary;
  for (const char* text : {"<|end|>", "<|flush|>", "<|calls|>"}) vocabulary.add(text, TokenType::kControl);
  SpecialTokens special;
  EXPECT_THAT(find_end_tokens(vocabulary, special), ElementsAre(1, 2));
  EXPECT_EQ(special.eot, kNoToken);
}

TEST(EndTokens, Gemma4StrikesOutWithSentencePiecesEnd) {
  Vocabulary vocabulary;
  vocabulary.add("</s>", TokenType::kNormal);
  for (const char* text : {"<eos>", "<turn|>", "<|tool_response>"}) vocabulary.add(text, TokenType::kControl);
  SpecialTokens special{.eos = 1};
  EXPECT_THAT(find_end_tokens(vocabulary, special), ElementsAre(1, 2, 3));
  EXPECT_EQ(special.eot, 2);
  EXPECT_EQ(vocabulary.type(0), TokenType::kNormal);
}

TEST(EndTokens, ThatTheFileNumbersStayWhatTheyAre) {
  Vocabulary vocabulary;
  for (const char* text : {"\n\n", "message", "<|eot_id|>"}) vocabulary.add(text, TokenType::kNormal);
  SpecialTokens special{.eot = 0};
  const std::vector<TokenId> also{1, kNoToken};
  EXPECT_THAT(find_end_tokens(vocabulary, special, also), ElementsAre(0, 1, 2));
  EXPECT_EQ(vocabulary.type(0), TokenType::kNormal);
  EXPECT_EQ(vocabulary.type(1), TokenType::kNormal);
}

TEST(EndTokens, MayBeNone) {
  Vocabulary vocabulary;
  vocabulary.add("word", TokenType::kNormal);
  SpecialTokens special;
  EXPECT_THAT(find_end_tokens(vocabulary, special), ElementsAre());
}

TEST(EndTokens, SentencePiecesOwnEndIsOneWhereTheFileCallsItOrdinary) {
  Vocabulary vocabulary;
  for (const char* text : {"a", "</s>"}) vocabulary.add(text, TokenType::kUserDefined);  // as in Phi-3
  SpecialTokens special;
  EXPECT_THAT(find_end_tokens(vocabulary, special), ElementsAre(1));
  EXPECT_EQ(vocabulary.type(1), TokenType::kControl);
}

}  // namespace
}  // namespace hearth
