#include <gtest/gtest.h>

#include "engine/text/spm_tokenizer.h"

namespace hearth {
namespace {

/// <unk>, </s>, ▁a, b, 🦙, ▁, then a token for every byte.
std::unique_ptr<const Tokenizer> small_tokenizer() {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  TokenizerData data;
  data.vocabulary.add("<unk>", TokenType::kUnknown);
  data.vocabulary.add("</s>", TokenType::kControl);
  for (const char* text : {"▁a", "b", "🦙", "▁"}) data.vocabulary.add(text, TokenType::kNormal);
  for (int byte = 0; byte < 256; ++byte) {
    const std::string name = {'<', '0', 'x', kDigits[byte / 16], kDigits[byte % 16], '>'};
    data.vocabulary.add(name, TokenType::kByte);
  }
  data.special = {.eos = 1, .unk = 0};
  data.add_space_prefix = true;
  return make_spm_tokenizer(std::move(data));
}

constexpr TokenId kEnd = 1, kA = 2, kB = 3, kFirstByte = 6;

TEST(StreamDecoder, NeverSplitsACharacter) {
  const auto tokenizer = small_tokenizer();
  StreamDecoder decoder(*tokenizer, true);
  EXPECT_EQ(decoder.push(kFirstByte + 0xF0), "");
  EXPECT_EQ(decoder.push(kFirstByte + 0x9F), "");
  EXPECT_EQ(decoder.push(kFirstByte + 0xA6), "");
  EXPECT_EQ(decoder.push(kFirstByte + 0x99), "🦙");
  EXPECT_EQ(decoder.push(kB), "b");
  EXPECT_EQ(decoder.finish(), "");
}

TEST(StreamDecoder, WhatIsNoCharacterComesOutAsReplacement) {
  const auto tokenizer = small_tokenizer();
  StreamDecoder decoder(*tokenizer, true);
  EXPECT_EQ(decoder.push(kFirstByte + 0xFF), "\uFFFD");
  EXPECT_EQ(decoder.push(kFirstByte + 0xE2), "");
  EXPECT_EQ(decoder.push(kB), "\uFFFDb");
  EXPECT_EQ(decoder.push(kFirstByte + 0xE2), "");
  EXPECT_EQ(decoder.finish(), "\uFFFD");
  EXPECT_EQ(decoder.finish(), "");
}

TEST(StreamDecoder, DropsTheLeadingSpaceOfATextButNotOfAContinuation) {
  const auto tokenizer = small_tokenizer();
  StreamDecoder text(*tokenizer, false);
  EXPECT_EQ(text.push(kEnd), "");
  EXPECT_EQ(text.push(kA), "a");
  EXPECT_EQ(text.push(kA), " a");
  StreamDecoder continuation(*tokenizer, true);
  EXPECT_EQ(continuation.push(kA), " a");
}

TEST(StreamDecoder, ShowsControlTokensOnlyWhenAsked) {
  const auto tokenizer = small_tokenizer();
  StreamDecoder hidden(*tokenizer, true);
  EXPECT_EQ(hidden.push(kEnd), "");
  StreamDecoder shown(*tokenizer, false, true);
  EXPECT_EQ(shown.push(kEnd), "</s>");
  EXPECT_EQ(shown.push(kA), "a");
}

TEST(StreamDecoder, AnUnknownTokenIsTextWithItsOwnSpaces) {
  const auto tokenizer = small_tokenizer();
  StreamDecoder decoder(*tokenizer, false);
  EXPECT_EQ(decoder.push(0), " \u2047 ");
  EXPECT_EQ(decoder.push(kA), " a");
}

TEST(StreamDecoder, GivesWhatDecodingTheWholeGives) {
  const auto tokenizer = small_tokenizer();
  const std::string text = "ab 🦙 é b\n";
  StreamDecoder decoder(*tokenizer, false);
  std::string streamed;
  for (const TokenId token : tokenizer->encode(text)) streamed += decoder.push(token);
  EXPECT_EQ(streamed + decoder.finish(), text);
}

}  // namespace
}  // namespace hearth
