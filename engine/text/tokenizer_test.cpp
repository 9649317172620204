// Tokenizer::from_gguf: what a file may say, and what it is told when it contradicts itself.
#include "engine/text/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "engine/format/gguf.h"
#include "engine/format/gguf_writer.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;

/// A small SentencePiece vocabulary; a test changes what it is about.
struct Metadata {
  std::string architecture = "llama";
  std::string model = "llama";
  std::vector<std::string> tokens{"<unk>", "<s>", "</s>", "▁", "a", "<|im_end|>"};
  std::vector<float> scores{0, 0, 0, -1, -2, 0};
  std::vector<int32_t> types{2, 3, 3, 1, 1, 3};
  std::vector<std::pair<std::string, uint32_t>> ids;
  std::vector<std::pair<std::string, bool>> flags;
  std::vector<std::string> merges;
  std::string pre;
};

Result<std::unique_ptr<const Tokenizer>> load(const Metadata& metadata) {
  GgufWriter writer;
  writer.add_string("general.architecture", metadata.architecture);
  if (!metadata.model.empty()) writer.add_string("tokenizer.ggml.model", metadata.model);
  if (!metadata.tokens.empty()) writer.add_strings("tokenizer.ggml.tokens", metadata.tokens);
  if (!metadata.scores.empty()) writer.add_float32s("tokenizer.ggml.scores", metadata.scores);
  if (!metadata.types.empty()) writer.add_int32s("tokenizer.ggml.token_type", metadata.types);
  if (!metadata.merges.empty()) writer.add_strings("tokenizer.ggml.merges", metadata.merges);
  if (!metadata.pre.empty()) writer.add_string("tokenizer.ggml.pre", metadata.pre);
  for (const auto& [key, id] : metadata.ids) writer.add_uint32(key, id);
  for (const auto& [key, flag] : metadata.flags) writer.add_bool(key, flag);
  HEARTH_ASSIGN(auto bytes, writer.write_to_memory());
  HEARTH_ASSIGN(const Gguf gguf, Gguf::parse(own_memory(std::move(bytes), "test.gguf")));
  return Tokenizer::from_gguf(gguf);
}

/// Expects an error that names the file and `part`.
void expect_fault(const Metadata& metadata, ErrorCode code, const std::string& part) {
  const auto tokenizer = load(metadata);
  ASSERT_FALSE(tokenizer.ok()) << part;
  EXPECT_EQ(tokenizer.error().code, code) << tokenizer.error().message;
  EXPECT_THAT(tokenizer.error().message, HasSubstr("test.gguf"));
  EXPECT_THAT(tokenizer.error().message, HasSubstr(part));
}

TEST(TokenizerFromGguf, FillsInTheDefaultsOfItsKind) {
  const auto tokenizer = load({});
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->kind(), "spm");
  EXPECT_EQ((*tokenizer)->vocabulary_size(), 6);
  EXPECT_EQ((*tokenizer)->special().bos, 1);
  EXPECT_EQ((*tokenizer)->special().eos, 2);
  EXPECT_EQ((*tokenizer)->special().unk, 0);
  EXPECT_EQ((*tokenizer)->special().eot, 5);
  EXPECT_EQ((*tokenizer)->special().pad, kNoToken);
  EXPECT_TRUE((*tokenizer)->special().add_bos);
  EXPECT_FALSE((*tokenizer)->special().add_eos);
  EXPECT_TRUE((*tokenizer)->ends_generation(2));
  EXPECT_TRUE((*tokenizer)->ends_generation(5));
  EXPECT_FALSE((*tokenizer)->ends_generation(4));
  EXPECT_FALSE((*tokenizer)->ends_generation(kNoToken));
  EXPECT_EQ((*tokenizer)->find("<|im_end|>"), 5);
  EXPECT_EQ((*tokenizer)->find("no such token"), kNoToken);
  EXPECT_TRUE((*tokenizer)->is_control(1));
  EXPECT_FALSE((*tokenizer)->is_control(4));
}

TEST(TokenizerFromGguf, FollowsTheMetadata) {
  Metadata metadata;
  metadata.ids = {{"tokenizer.ggml.bos_token_id", 2},
                  {"tokenizer.ggml.eos_token_id", 5},
                  {"tokenizer.ggml.padding_token_id", 0xFFFFFFFF}};
  metadata.flags = {{"tokenizer.ggml.add_eos_token", true}, {"tokenizer.ggml.add_space_prefix", false}};
  const auto tokenizer = load(metadata);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->special().pad, kNoToken);
  EXPECT_THAT((*tokenizer)->encode("a"), ::testing::ElementsAre(2, 4, 5));
}

TEST(TokenizerFromGguf, ADefaultTokenThatIsNotThereIsNone) {
  Metadata metadata;
  metadata.tokens = {"a", "b"};
  metadata.scores = {};
  metadata.types = {};
  const auto tokenizer = load(metadata);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->special().eos, kNoToken);
}

TEST(TokenizerFromGguf, TheVocabularyOutlivesItsFile) {
  // load() has let go of the file's bytes by now.
  const auto tokenizer = load({});
  ASSERT_TRUE(tokenizer.ok());
  EXPECT_EQ((*tokenizer)->token_name(5), "<|im_end|>");
}

TEST(TokenizerFromGguf, KnowsEveryKindOfLlamaCpp) {
  EXPECT_THAT(Tokenizer::known_models(),
              ::testing::UnorderedElementsAre("llama", "bert", "gpt2", "hybriddna", "whitespace", "t5",
                                              "rwkv", "plamo2", "gemma4", "none", "no_vocab", "test"));
}

TEST(TokenizerFromGguf, NamesAnUnknownKind) {
  Metadata metadata;
  metadata.model = "no-such-kind";
  expect_fault(metadata, ErrorCode::kUnsupportedModel, "no-such-kind");
  metadata.model = "plamo";
  expect_fault(metadata, ErrorCode::kUnsupportedModel, "is 'plamo2'");
  metadata.model = "";
  expect_fault(metadata, ErrorCode::kInvalidModel, "tokenizer.ggml.model");
}

TEST(TokenizerFromGguf, NamesAnUnknownPreTokenizer) {
  Metadata metadata;
  metadata.model = "gpt2";
  metadata.pre = "no-such-rules";
  metadata.merges = {"▁ a"};
  expect_fault(metadata, ErrorCode::kUnsupportedModel, "no-such-rules");
  metadata.pre = "qwen-2";
  expect_fault(metadata, ErrorCode::kUnsupportedModel, "is 'qwen2'");
}

/// Tokens for the bytes of "e", U+0301 and "é".
Metadata byte_level_metadata(const std::string& architecture, const std::string& pre) {
  Metadata metadata;
  metadata.architecture = architecture;
  metadata.model = "gpt2";
  metadata.pre = pre;
  metadata.tokens = {"e", "Ì", "ģ", "Ã", "©"};
  metadata.scores = {};
  metadata.types = {};
  metadata.merges = {"Ì ģ"};
  return metadata;
}

TEST(TokenizerFromGguf, GptNeoxComposesThoughItsFilesNameNoPreTokenizer) {
  const auto ids = [](const std::string& architecture, const std::string& pre) {
    const auto tokenizer = load(byte_level_metadata(architecture, pre));
    EXPECT_TRUE(tokenizer.ok()) << tokenizer.error().message;
    return (*tokenizer)->encode("e\u0301");
  };
  for (const char* architecture : {"gptneox", "mpt"}) {
    EXPECT_THAT(ids(architecture, ""), ::testing::ElementsAre(3, 4)) << architecture;
    EXPECT_THAT(ids(architecture, "gpt-2"), ::testing::ElementsAre(3, 4)) << architecture;
    EXPECT_THAT(ids(architecture, "llama-bpe"), ::testing::ElementsAre(0, 1, 2)) << architecture;
  }
  EXPECT_THAT(ids("llama", ""), ::testing::ElementsAre(0, 1, 2));
}

TEST(TokenizerFromGguf, SomeKindsAreTheirOwnPreTokenizer) {
  Metadata metadata;
  metadata.model = "gemma4";
  metadata.merges = {"▁ a"};
  metadata.tokens[5] = "▁a";
  metadata.types[5] = 1;
  const auto gemma4 = load(metadata);
  ASSERT_TRUE(gemma4.ok()) << gemma4.error().message;
  EXPECT_EQ((*gemma4)->kind(), "bpe");
  EXPECT_THAT((*gemma4)->encode("a a"), ::testing::ElementsAre(4, 5));

  metadata.model = "whitespace";
  for (const bool lowercase : {false, true}) {
    metadata.flags = {{"tokenizer.ggml.normalizer.lowercase", lowercase}};
    const auto whitespace = load(metadata);
    ASSERT_TRUE(whitespace.ok()) << whitespace.error().message;
    EXPECT_EQ((*whitespace)->encode(" a A\n").size(), lowercase ? 2U : 1U);
  }
}

TEST(TokenizerFromGguf, Gemma4BeginsTextsWithBosWhateverTheFileSays) {
  Metadata metadata;
  metadata.model = "gemma4";
  metadata.merges = {"▁ a"};
  metadata.ids = {{"tokenizer.ggml.bos_token_id", 1}};
  metadata.flags = {{"tokenizer.ggml.add_bos_token", false}};
  const auto tokenizer = load(metadata);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_THAT((*tokenizer)->encode("a"), ::testing::ElementsAre(1, 4));
}

TEST(TokenizerFromGguf, AFileMayHaveNoVocabulary) {
  for (const char* model : {"none", "no_vocab"}) {
    Metadata metadata;
    metadata.model = model;
    metadata.tokens = {};
    EXPECT_EQ(load(metadata).value()->vocabulary_size(), 0) << "nor a size of it";
    metadata.ids = {{"llama.vocab_size", 3}};
    const auto tokenizer = load(metadata);
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
    EXPECT_EQ((*tokenizer)->kind(), "none");
    EXPECT_EQ((*tokenizer)->vocabulary_size(), 3);
    EXPECT_THAT((*tokenizer)->encode("a text"), ::testing::IsEmpty());
    const std::vector<TokenId> ids{0, 2};
    EXPECT_EQ((*tokenizer)->decode(ids, true), "");
    metadata.ids = {{"llama.vocab_size", 0x7FFFFFFF}};
    expect_fault(metadata, ErrorCode::kInvalidModel, "llama.vocab_size");
  }
}

TEST(TokenizerFromGguf, OfLlamaCppsOwnRandomModelsTokensAreHashesOfFiveBytes) {
  Metadata metadata;
  metadata.model = "test";
  metadata.tokens = {"tok_0", "tok_1", "tok_2", "tok_3", "tok_4", "tok_5"};
  const auto tokenizer = load(metadata);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  // "aaaaa" is 97 (31^4 + 31^3 + 31^2 + 31 + 1) and "ab" is 31 * 97 + 98, of which these are the rests by 6.
  EXPECT_THAT((*tokenizer)->encode("aaaaaab"), ::testing::ElementsAre(97 * 954305 % 6, 3105 % 6));
  const std::vector<TokenId> ids{3, 4};
  EXPECT_EQ((*tokenizer)->decode(ids, true), "34");
}

TEST(TokenizerFromGguf, ReadsTheKindsThatFewModelsHave) {
  Metadata metadata;
  metadata.model = "rwkv";
  metadata.tokens[4] = "\\n";
  EXPECT_THAT(load(metadata).value()->encode("\n"), ::testing::ElementsAre(4));
  EXPECT_EQ(load(metadata).value()->special().bos, kNoToken);
  metadata = {};
  metadata.model = "plamo2";
  EXPECT_THAT(load(metadata).value()->encode("a"), ::testing::ElementsAre(4));
  EXPECT_EQ(load(metadata).value()->special().pad, 3);
  metadata = {};
  metadata.model = "hybriddna";
  metadata.tokens = {"a", "<dna>", "</dna>", "<oov>", "ACGTAC\uE000", "C"};
  metadata.types = {1, 1, 1, 1, 1, 1};
  metadata.merges = {"a a"};
  EXPECT_THAT(load(metadata).value()->encode("a<dna>acgtacx</dna>a"),
              ::testing::ElementsAre(0, 1, 4, 3, 2, 0));
}

TEST(TokenizerFromGguf, NamesWhatIsMissing) {
  Metadata metadata;
  metadata.tokens = {};
  expect_fault(metadata, ErrorCode::kInvalidModel, "tokenizer.ggml.tokens");
  metadata = {};
  metadata.model = "gpt2";
  expect_fault(metadata, ErrorCode::kInvalidModel, "tokenizer.ggml.merges");
}

TEST(TokenizerFromGguf, ArraysMustFitTheVocabulary) {
  Metadata metadata;
  metadata.scores.pop_back();
  expect_fault(metadata, ErrorCode::kInvalidModel, "tokenizer.ggml.scores");
  metadata = {};
  metadata.types.push_back(1);
  expect_fault(metadata, ErrorCode::kInvalidModel, "tokenizer.ggml.token_type");
}

TEST(TokenizerFromGguf, ElementsMustMakeSense) {
  Metadata metadata;
  metadata.scores[3] = std::numeric_limits<float>::quiet_NaN();
  expect_fault(metadata, ErrorCode::kInvalidModel, "score of token 3");
  metadata = {};
  metadata.types[4] = 7;
  expect_fault(metadata, ErrorCode::kInvalidModel, "token 4 has the unknown type 7");
  metadata = {};
  metadata.tokens[4] = "</s>";
  expect_fault(metadata, ErrorCode::kInvalidModel, "tokens 2 and 4");
  metadata = {};
  metadata.tokens[4] = std::string(5000, 'a');
  expect_fault(metadata, ErrorCode::kInvalidModel, "token 4 is 5000 bytes long");
  metadata = {};
  metadata.tokens[4] = metadata.tokens[3] = "";
  EXPECT_TRUE(load(metadata).ok()) << "empty texts are placeholders";
}

TEST(TokenizerFromGguf, SpecialTokensMustBeInTheVocabulary) {
  for (const char* key : {"bos", "eos", "eot", "eom", "unknown", "seperator", "mask", "cls"}) {
    Metadata metadata;
    const std::string name = std::string("tokenizer.ggml.") + key + "_token_id";
    metadata.ids = {{name, 6}};
    expect_fault(metadata, ErrorCode::kInvalidModel, name);
  }
}

TEST(TokenizerFromGguf, APaddingTokenBehindTheVocabularyIsNone) {
  Metadata metadata;
  metadata.ids = {{"tokenizer.ggml.padding_token_id", 6}};
  const auto tokenizer = load(metadata);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->special().pad, kNoToken);
}

TEST(TokenizerFromGguf, EveryEndThatTheFileNumbersIsOne) {
  Metadata metadata;
  metadata.types[4] = 1;
  metadata.ids = {{"tokenizer.ggml.eot_token_id", 4}, {"tokenizer.ggml.eom_token_id", 3}};
  const auto tokenizer = load(metadata);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_TRUE((*tokenizer)->ends_generation(4));
  EXPECT_TRUE((*tokenizer)->ends_generation(3));
  EXPECT_EQ((*tokenizer)->special().eot, 4);
  EXPECT_THAT((*tokenizer)->encode("a", false), ::testing::ElementsAre(3, 4))
      << "texts have it in them still";
}

TEST(TokenizerFromGguf, InfillTokensAreNamedByEitherKeyOrNotAtAll) {
  Metadata metadata;
  EXPECT_EQ(load(metadata).value()->special().infill, InfillTokens());
  metadata.ids = {{"tokenizer.ggml.prefix_token_id", 3},
                  {"tokenizer.ggml.fim_suf_token_id", 4},
                  {"tokenizer.ggml.fim_mid_token_id", 5},
                  {"tokenizer.ggml.fim_rep_token_id", 6}};
  EXPECT_EQ(load(metadata).value()->special().infill, (InfillTokens{3, 4, 5})) << "there is no token 6";
}

TEST(TokenizerFromGguf, ATokenThatIsToBeAddedMustBeThere) {
  Metadata metadata;
  metadata.ids = {{"tokenizer.ggml.bos_token_id", 0xFFFFFFFF}};
  EXPECT_TRUE(load(metadata).ok()) << "only a default asks for it";
  metadata.flags = {{"tokenizer.ggml.add_bos_token", true}};
  expect_fault(metadata, ErrorCode::kInvalidModel, "tokenizer.ggml.bos_token_id");
  metadata.ids = {{"tokenizer.ggml.eos_token_id", 0xFFFFFFFF}};
  metadata.flags = {{"tokenizer.ggml.add_eos_token", true}};
  expect_fault(metadata, ErrorCode::kInvalidModel, "tokenizer.ggml.eos_token_id");
}

TEST(TokenizerFromGguf, TellsWhatTheModelMustNeverChoose) {
  GgufWriter writer;
  writer.add_string("general.architecture", "llama");
  writer.add_string("tokenizer.ggml.model", "llama");
  writer.add_strings("tokenizer.ggml.tokens", std::vector<std::string>{"<unk>", "a", "b"});
  writer.add_int32s("tokenizer.ggml.suppress_tokens", std::vector<int32_t>{2, -1, 3, 1});
  auto bytes = writer.write_to_memory();
  ASSERT_TRUE(bytes.ok());
  const auto gguf = Gguf::parse(own_memory(std::move(*bytes)));
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  const auto tokenizer = Tokenizer::from_gguf(*gguf);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_THAT((*tokenizer)->suppressed(), ::testing::ElementsAre(2, 1));
  EXPECT_THAT(load({}).value()->suppressed(), ::testing::IsEmpty());
}

TEST(TokenizerFromGguf, MasksOfSomeModelsTakeTheWhiteSpaceBeforeThem) {
  for (const char* architecture : {"nomic-bert-moe", "jina-bert-v3", "bert"}) {
    Metadata metadata;
    metadata.architecture = architecture;
    metadata.tokens[5] = "<mask>";
    const auto ids = load(metadata).value()->encode("a <mask>", false);
    EXPECT_EQ(ids.size(), architecture == std::string("bert") ? 4U : 3U) << architecture;
  }
}

TEST(TokenizerFromGguf, Phi3TokensTakeTheWhiteSpaceBehindThem) {
  GgufWriter writer;
  writer.add_string("general.architecture", "phi3");
  writer.add_string("general.name", "Phi-3 Mini");
  writer.add_string("tokenizer.ggml.model", "llama");
  const std::vector<std::string> tokens{"<unk>", "<s>", "</s>", "▁a", "a", "<|end|>"};
  const std::vector<int32_t> types{2, 3, 3, 1, 1, 3};
  writer.add_strings("tokenizer.ggml.tokens", tokens);
  writer.add_int32s("tokenizer.ggml.token_type", types);
  auto bytes = writer.write_to_memory();
  ASSERT_TRUE(bytes.ok());
  const auto gguf = Gguf::parse(own_memory(std::move(*bytes)));
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  const auto tokenizer = Tokenizer::from_gguf(*gguf);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_THAT((*tokenizer)->encode("<|end|>\n a<s>", false), ::testing::ElementsAre(5, 3, 1));
}

}  // namespace
}  // namespace hearth
