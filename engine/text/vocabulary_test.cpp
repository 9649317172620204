#include "engine/text/vocabulary.h"

#include <gtest/gtest.h>

namespace hearth {
namespace {

TEST(Vocabulary, FindsEveryTokenByItsText) {
  Vocabulary vocabulary;
  for (int i = 0; i < 10000; ++i) vocabulary.add("token " + std::to_string(i), TokenType::kNormal);
  ASSERT_EQ(vocabulary.size(), 10000);
  for (int i = 0; i < 10000; ++i) {
    EXPECT_EQ(vocabulary.find("token " + std::to_string(i)), i);
    EXPECT_EQ(vocabulary.text(i), "token " + std::to_string(i));
  }
  EXPECT_EQ(vocabulary.find("token"), kNoToken);
  EXPECT_EQ(vocabulary.find(""), kNoToken);
}

TEST(Vocabulary, OfEqualTextsTheFirstIsFound) {
  Vocabulary vocabulary;
  vocabulary.add("", TokenType::kNormal);
  vocabulary.add("same", TokenType::kNormal);
  vocabulary.add("same", TokenType::kNormal);
  EXPECT_EQ(vocabulary.find("same"), 1);
  EXPECT_EQ(vocabulary.find(""), kNoToken);
}

TEST(Vocabulary, RunningTextNeverBecomesAControlUnknownOrByteToken) {
  Vocabulary vocabulary;
  vocabulary.add("</s>", TokenType::kControl);
  vocabulary.add("<unk>", TokenType::kUnknown);
  vocabulary.add("<0x41>", TokenType::kByte);
  vocabulary.add("word", TokenType::kNormal);
  vocabulary.add("added", TokenType::kUserDefined);
  EXPECT_EQ(vocabulary.find("</s>"), 0);
  EXPECT_EQ(vocabulary.find_text("</s>"), kNoToken);
  EXPECT_EQ(vocabulary.find_text("<unk>"), kNoToken);
  EXPECT_EQ(vocabulary.find_text("<0x41>"), kNoToken);
  EXPECT_EQ(vocabulary.find_text("word"), 3);
  EXPECT_EQ(vocabulary.find_text("added"), 4);
}

TEST(Vocabulary, ReadsTheSpellingOfByteTokens) {
  Vocabulary vocabulary;
  const TokenId newline = vocabulary.add("<0x0A>", TokenType::kByte);
  const TokenId other = vocabulary.add("<0xZZ>", TokenType::kByte);
  EXPECT_EQ(vocabulary.find_byte('\n'), newline);
  EXPECT_EQ(vocabulary.find_byte(0xFF), kNoToken);
  EXPECT_EQ(vocabulary.byte_value(newline), '\n');
  EXPECT_EQ(vocabulary.byte_value(other), -1);
}

}  // namespace
}  // namespace hearth
