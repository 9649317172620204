#include "engine/text/bpe_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/text/byte_level.h"
#include "engine/text/token_names_testing.h"
#include "engine/text/unicode.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::names;

/// A token for every byte, then some merges of letters. Ġ is the space.
TokenizerData small_bpe_data() {
  TokenizerData data;
  for (int byte = 0; byte < 256; ++byte) {
    std::string name;
    append_utf8(name, byte_level_character(static_cast<uint8_t>(byte)));
    data.vocabulary.add(name, TokenType::kNormal);
  }
  for (const char* text : {"ab", "bc", "Ġab", "abc"}) data.vocabulary.add(text, TokenType::kNormal);
  data.pre = "gpt-2";
  data.merges = {"b c", "a b", "Ġ ab", "ab c"};
  return data;
}

std::unique_ptr<const Tokenizer> made_bpe(TokenizerData data) {
  auto tokenizer = make_bpe_tokenizer(std::move(data));
  EXPECT_TRUE(tokenizer.ok());
  return std::move(tokenizer).value();
}

TEST(BpeTokenizer, MergesInTheOrderOfTheRanks) {
  const auto tokenizer = made_bpe(small_bpe_data());
  EXPECT_THAT(names(*tokenizer, "abc ab"), ElementsAre("a", "bc", "Ġab"));
  TokenizerData data = small_bpe_data();
  data.merges = {"a b", "ab c", "b c"};
  EXPECT_THAT(names(*made_bpe(std::move(data)), "abc"), ElementsAre("abc"));
}

TEST(BpeTokenizer, EveryByteRoundTrips) {
  const auto tokenizer = made_bpe(small_bpe_data());
  std::string bytes;
  for (int byte = 255; byte >= 0; --byte) bytes += static_cast<char>(byte);
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(bytes)), bytes);
}

TEST(BpeTokenizer, AWordThatIsATokenMayBeTakenWhole) {
  TokenizerData data = small_bpe_data();
  data.merges = {"b c"};
  EXPECT_THAT(names(*made_bpe(std::move(data)), "abc"), ElementsAre("a", "bc"));
  data = small_bpe_data();
  data.merges = {"b c"};
  data.pre = "llama-bpe";
  EXPECT_THAT(names(*made_bpe(std::move(data)), "abc"), ElementsAre("abc"));
}

TEST(BpeTokenizer, AUserCannotSpellAControlToken) {
  TokenizerData data = small_bpe_data();
  data.vocabulary.set_type(data.vocabulary.find("abc"), TokenType::kControl);
  data.merges = {"a b", "ab c"};
  data.pre = "llama-bpe";
  const auto tokenizer = made_bpe(std::move(data));
  const TextPiece user{"abc", false};
  const std::vector<TokenId> ids = tokenizer->encode({&user, 1}, false);
  EXPECT_EQ(ids.size(), 2U);
  EXPECT_THAT(names(*tokenizer, "abc"), ElementsAre("abc"));  // template text can
}

TEST(BpeTokenizer, UserDefinedTokensDecodeAsTheyAreWritten) {
  TokenizerData data = small_bpe_data();
  data.vocabulary.add("<é>", TokenType::kUserDefined);
  const auto tokenizer = made_bpe(std::move(data));
  EXPECT_THAT(names(*tokenizer, "a<é>b"), ElementsAre("a", "<é>", "b"));
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("a<é>b")), "a<é>b");
}

TEST(BpeTokenizer, ControlTokensShowOnlyWhenAsked) {
  TokenizerData data = small_bpe_data();
  const TokenId end = data.vocabulary.add("<|end|>", TokenType::kControl);
  const auto tokenizer = made_bpe(std::move(data));
  EXPECT_EQ(tokenizer->token_bytes(end), "");
  EXPECT_EQ(tokenizer->token_bytes(end, true), "<|end|>");
  EXPECT_TRUE(tokenizer->is_control(end));
  EXPECT_EQ(tokenizer->token_bytes(-1), "");
  EXPECT_EQ(tokenizer->token_bytes(100000), "");
  EXPECT_EQ(tokenizer->token_name(100000), "");
}

TEST(BpeTokenizer, ComposesWhereTheModelsOwnTokenizerDoes) {
  for (const char* pre : {"mpt", "olmo", "modern-bert", "qwen2", "command-r"}) {
    TokenizerData data = small_bpe_data();
    data.pre = pre;
    const auto tokenizer = made_bpe(std::move(data));
    EXPECT_EQ(tokenizer->encode("e\u0301 \u0341"), tokenizer->encode("\u00E9 \u0301")) << pre;
  }
  const auto gpt2 = made_bpe(small_bpe_data());
  EXPECT_EQ(gpt2->decode(gpt2->encode("e\u0301 \u0341")), "e\u0301 \u0341");
}

TEST(BpeTokenizer, ComposesAcrossPieces) {
  TokenizerData data = small_bpe_data();
  data.pre = "qwen2";
  const auto tokenizer = made_bpe(std::move(data));
  const std::vector<TextPiece> pieces{{"e", true}, {"\u0301", false}};
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(pieces, false)), "\u00E9");
}

/// A vocabulary in characters, with the bytes of "é" but no token for it.
TokenizerData character_data(const char* pre) {
  TokenizerData data;
  data.special.unk = data.vocabulary.add("<unk>", TokenType::kUnknown);
  for (const char* text : {"▁", "a", "b", "\n", "▁a", "▁ab", "\n\n", "我"}) {
    data.vocabulary.add(text, TokenType::kNormal);
  }
  for (const char* byte : {"<0xC3>", "<0xA9>"}) data.vocabulary.add(byte, TokenType::kByte);
  data.pre = pre;
  data.merges = {"▁ a", "▁a b"};
  return data;
}

TEST(BpeTokenizer, VocabulariesInCharactersWriteSpacesAsSentencePieceDoes) {
  const auto tokenizer = made_bpe(character_data("gemma4"));
  EXPECT_THAT(names(*tokenizer, "a ab我é"), ElementsAre("a", "▁ab", "我", "<0xC3>", "<0xA9>"));
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(" a ab我é")), " a ab我é");
  EXPECT_THAT(names(*tokenizer, "x"), ElementsAre("<unk>"));
}

TEST(BpeTokenizer, Gemma4KeepsLineEndsThatAreAToken) {
  EXPECT_THAT(names(*made_bpe(character_data("gemma4")), "a\n\nb"), ElementsAre("a", "\n\n", "b"));
  EXPECT_THAT(names(*made_bpe(character_data("gemma4")), "\n\n\n"), ElementsAre("\n", "\n", "\n"));
  EXPECT_THAT(names(*made_bpe(character_data("sarvam-moe")), "a\n\nb"), ElementsAre("a", "\n", "\n", "b"));
}

TEST(BpeTokenizer, WhiteSpaceMayOnlySeparateWords) {
  TokenizerData data = character_data("whitespace");
  data.merges = {};
  data.drops_white_space = true;
  data.lowercase = true;
  const auto tokenizer = made_bpe(std::move(data));
  EXPECT_THAT(names(*tokenizer, " aB\n我 "), ElementsAre("a", "b", "我"));
}

TEST(BpeTokenizer, NamesAnUnknownPreTokenizer) {
  TokenizerData data = small_bpe_data();
  data.pre = "no-such-model";
  const auto tokenizer = make_bpe_tokenizer(std::move(data));
  ASSERT_FALSE(tokenizer.ok());
  EXPECT_EQ(tokenizer.error().code, ErrorCode::kUnsupportedModel);
  EXPECT_THAT(tokenizer.error().message, HasSubstr("no-such-model"));
}

TEST(BpeTokenizer, NamesAMergeThatIsNoPair) {
  for (const char* merge : {"ab", "", "a ", " "}) {
    TokenizerData data = small_bpe_data();
    data.merges = {"a b", merge};
    const auto tokenizer = make_bpe_tokenizer(std::move(data));
    ASSERT_FALSE(tokenizer.ok()) << "'" << merge << "'";
    EXPECT_EQ(tokenizer.error().code, ErrorCode::kInvalidModel);
    EXPECT_THAT(tokenizer.error().message, HasSubstr("tokenizer.ggml.merges"));
    EXPECT_THAT(tokenizer.error().message, HasSubstr("element 1"));
  }
}

TEST(ByteLevel, TextOutsideTheAlphabetStandsForItself) {
  EXPECT_EQ(from_byte_level("Ġa我"), " a我");
  EXPECT_EQ(to_byte_level(" \n\xAD"), "ĠĊŃ");
  EXPECT_EQ(from_byte_level(to_byte_level("\x7F\xA0é")), "\x7F\xA0é");
}

}  // namespace
}  // namespace hearth
