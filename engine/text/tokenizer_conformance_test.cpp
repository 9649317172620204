// Every tokenizer against the reference ids of the shared test data.
#include <gtest/gtest.h>

#include <sstream>

#include "engine/text/tokenizer_testdata.h"

namespace hearth {
namespace {

class TokenizerConformance : public ::testing::TestWithParam<std::string> {};

std::vector<TokenId> parse_ids(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<TokenId>(stream), {}};
}

TEST_P(TokenizerConformance, EveryCaseHasTheReferenceIds) {
  HEARTH_REQUIRE_TESTDATA();
  const std::string name = GetParam();
  const auto tokenizer = testing::load_reference_tokenizer(name);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;

  const std::string base = (testing::testdata() / "tokenizers" / ("ggml-vocab-" + name + ".gguf")).string();
  const auto texts = testing::split_text(testing::read_text_file(base + ".inp"), "\n__ggml_vocab_test__\n");
  const auto lines = testing::split_text(testing::read_text_file(base + ".out"), "\n");
  ASSERT_EQ(texts.size(), lines.size());
  ASSERT_GT(texts.size(), 40U);
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::vector<TokenId> ids = (*tokenizer)->encode(texts[i], false, false);
    EXPECT_EQ(ids, parse_ids(lines[i])) << "case " << i << ": '" << texts[i] << "'";
    // WordPiece normalises; every other kind keeps the text.
    if ((*tokenizer)->kind() != "wordpiece") {
      EXPECT_EQ((*tokenizer)->decode(ids), texts[i]) << "case " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Reference, TokenizerConformance,
                         ::testing::Values("llama-spm", "phi-3", "gpt-2", "mpt", "falcon", "starcoder",
                                           "refact", "deepseek-coder", "deepseek-llm", "llama-bpe", "qwen2",
                                           "bert-bge"),
                         [](const auto& instance) {
                           std::string name = instance.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(TokenizerConformance, EveryReferenceVocabularyLoads) {
  HEARTH_REQUIRE_TESTDATA();
  for (const char* name : {"baichuan", "gpt-neox"}) {
    const auto tokenizer = testing::load_reference_tokenizer(name);
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
    const std::string text = "Hello,   world! 123 工作 \n";
    EXPECT_EQ((*tokenizer)->decode((*tokenizer)->encode(text)), text) << name;
  }
}

}  // namespace
}  // namespace hearth
