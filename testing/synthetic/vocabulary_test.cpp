#include "testing/synthetic/vocabulary.h"

#include <gtest/gtest.h>

#include "engine/format/gguf.h"
#include "engine/text/tokenizer.h"

namespace hearth {
namespace {

std::unique_ptr<const Tokenizer> tokenizer_of(std::string_view style, int32_t n_vocab) {
  GgufWriter writer;
  writer.add_string("general.architecture", "llama");
  const auto added = add_synthetic_vocabulary(style, n_vocab, writer);
  EXPECT_TRUE(added.ok()) << style << ": " << added.error().message;
  auto bytes = writer.write_to_memory();
  EXPECT_TRUE(bytes.ok());
  const auto gguf = Gguf::parse(own_memory(std::move(*bytes)));
  EXPECT_TRUE(gguf.ok()) << gguf.error().message;
  auto tokenizer = Tokenizer::from_gguf(*gguf);
  EXPECT_TRUE(tokenizer.ok()) << style << ": " << tokenizer.error().message;
  return std::move(tokenizer).value();
}

TEST(SyntheticVocabulary, EveryKindGivesTextsBackInTheTokensThatItHas) {
  const std::string text = "Hello there,\n\nare they his \\ 42 caf\u00e9s? \U0001F642";
  for (const char* style : {"llama2", "llama3", "qwen", "gemma", "gemma4", "plamo2", "rwkv"}) {
    const auto tokenizer = tokenizer_of(style, 800);
    EXPECT_EQ(tokenizer->vocabulary_size(), 800) << style;
    const std::vector<TokenId> ids = tokenizer->encode(text, false, false);
    EXPECT_EQ(tokenizer->decode(ids), text) << style;
    EXPECT_LT(ids.size(), text.size()) << style << " joins no letters";
    EXPECT_TRUE(tokenizer->ends_generation(tokenizer->special().eos)) << style;
  }
}

TEST(SyntheticVocabulary, NamesAnUnknownStyleAndTooFewTokens) {
  GgufWriter writer;
  EXPECT_EQ(add_synthetic_vocabulary("no-such-style", 800, writer).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(add_synthetic_vocabulary("rwkv", 200, writer).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace hearth
