#include "engine/text/rwkv_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/text/token_names_testing.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::names;

TokenizerData rwkv_data(std::initializer_list<const char*> texts) {
  TokenizerData data;
  data.vocabulary.add("<s>", TokenType::kControl);
  for (const char* text : texts) data.vocabulary.add(text, TokenType::kNormal);
  return data;
}

TEST(RwkvTokenizer, TakesTheLongestTokenEverywhere) {
  const auto tokenizer = make_rwkv_tokenizer(rwkv_data({"a", "b", "c", "ab", "abcd", "bc"}));
  EXPECT_THAT(names(*tokenizer, "abcab"), ElementsAre("ab", "c", "ab"));
  EXPECT_THAT(names(*tokenizer, "abcd"), ElementsAre("abcd"));
}

TEST(RwkvTokenizer, TokensAreBytesWithEscapes) {
  const auto tokenizer =
      make_rwkv_tokenizer(rwkv_data({R"(\n)", R"(\t\r)", R"(\xe6)", R"(\x88\x91)", R"(\\)"}));
  const std::string text = "\n\\\t\r我";
  EXPECT_THAT(names(*tokenizer, text), ElementsAre(R"(\n)", R"(\\)", R"(\t\r)", R"(\xe6)", R"(\x88\x91)"));
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
}

TEST(RwkvTokenizer, UnescapesWhatPythonWrites) {
  EXPECT_EQ(without_rwkv_escapes(R"(it\'s \"\\x41\" \x41\x7F)"), "it's \"\\x41\" A\x7F");
  EXPECT_EQ(without_rwkv_escapes(R"(\x4)"), "x4") << "no digits to take";
  EXPECT_EQ(without_rwkv_escapes(R"(\xzz\)"), "xzz\\");
  EXPECT_EQ(without_rwkv_escapes(""), "");
}

TEST(RwkvTokenizer, OnlyNormalTokensComeOutOfTexts) {
  TokenizerData data = rwkv_data({"<", "s", ">"});
  data.vocabulary.add("ss", TokenType::kUnused);
  const auto tokenizer = make_rwkv_tokenizer(std::move(data));
  const TextPiece user{"<s>ss", false};
  EXPECT_THAT(names(*tokenizer, tokenizer->encode({&user, 1}, false)), ElementsAre("<", "s", ">", "s", "s"));
  EXPECT_THAT(names(*tokenizer, "<s>"), ElementsAre("<s>"));
}

TEST(RwkvTokenizer, BytesInNoTokenAreUnknownOrNothing) {
  EXPECT_THAT(names(*make_rwkv_tokenizer(rwkv_data({"ab"})), "a"), IsEmpty());
  TokenizerData data = rwkv_data({"ab"});
  data.special.unk = data.vocabulary.add("?", TokenType::kUnknown);
  EXPECT_THAT(names(*make_rwkv_tokenizer(std::move(data)), "xabx"), ElementsAre("?", "ab", "?"));
}

}  // namespace
}  // namespace hearth
