// Time near linear in the text, for every kind of tokenizer and the texts that are worst for it. Counted is
// this process's time, which other work on the machine hardly changes; anything quadratic misses the bounds
// by far.
#include <gtest/gtest.h>

#include <ctime>
#include <random>
#include <set>
#include <unordered_set>

#include "engine/format/gguf_writer.h"
#include "engine/text/plamo_tokenizer.h"
#include "engine/text/pre_tokenizer.h"
#include "engine/text/rwkv_tokenizer.h"
#include "engine/text/spm_tokenizer.h"
#include "engine/text/tokenizer_testdata.h"
#include "engine/text/unigram_tokenizer.h"

namespace hearth {
namespace {

// Sanitizers make the engine some twenty times slower: less text keeps the test short, and what is quadratic
// still misses the bound.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG) || \
    defined(__has_feature)
constexpr size_t kBytes = 100'000;
constexpr double kSecondsAllowed = 6;
#else
constexpr size_t kBytes = 1'000'000;
constexpr double kSecondsAllowed = 1;
#endif

std::string repeated(std::string_view part) {
  std::string text;
  while (text.size() < kBytes) text += part;
  return text;
}

std::string random_bytes() {
  std::mt19937 random(1);
  std::string text(kBytes, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

std::string random_words() {
  std::mt19937 random(2);
  std::string text;
  while (text.size() < kBytes) {
    for (size_t letters = 1 + random() % 9; letters > 0; --letters) {
      text += static_cast<char>('a' + random() % 26);
    }
    text += random() % 12 == 0 ? ".\n" : " ";
  }
  return text;
}

std::string random_letters() {
  std::mt19937 random(3);
  std::string text(kBytes, '\0');
  for (char& byte : text) byte = static_cast<char>('a' + random() % 26);
  return text;
}

const std::vector<std::pair<std::string, std::string>>& texts() {
  static const std::vector<std::pair<std::string, std::string>> all{
      {"prose", repeated("The quick brown fox can't jump over 12 lazy dogs, or so they say. ")},
      {"words", random_words()},
      {"one letter", repeated("a")},
      {"letters", random_letters()},
      {"random bytes", random_bytes()},
      {"spaces", repeated(" ")},
      {"line ends", repeated("\n")},
      {"spaces in words", repeated("a                ")},
      {"Chinese", repeated("我想在苹果公司工作")},
      {"emoji", repeated("🦙")},
      {"digits", repeated("7")},
      {"capitals", repeated("ABC")},
      {"punctuation", repeated("/*-=")},
      {"marks", repeated("e\u0301")},
      {"stacked marks", "e" + repeated("\u0301\u0323\u0315")},
      {"digits before a letter", repeated("7") + "x"},
  };
  return all;
}

template <typename Work>
double processor_seconds(Work&& work) {
  const std::clock_t begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

double seconds_to_encode(const Tokenizer& tokenizer, const std::string& text) {
  return processor_seconds([&] { EXPECT_FALSE(tokenizer.encode(text).empty()); });
}

void expect_near_linear(const Tokenizer& tokenizer, const std::string& name) {
  for (const auto& [kind, text] : texts()) {
    const double seconds = seconds_to_encode(tokenizer, text);
    std::printf("%s, 1 MB of %s: %.0f ms\n", name.c_str(), kind.c_str(), seconds * 1000);
    EXPECT_LT(seconds, kSecondsAllowed) << name << ", " << kind;
  }
}

TEST(TokenizerSpeed, EveryKindIsNearLinear) {
  HEARTH_REQUIRE_TESTDATA();
  for (const char* name : {"llama-spm", "llama-bpe", "qwen2", "deepseek-llm", "bert-bge"}) {
    const auto tokenizer = testing::load_reference_tokenizer(name);
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
    expect_near_linear(**tokenizer, name);
  }
}

/// There are no vocabularies of these kinds in the data; the tokens of a SentencePiece one do as well.
TokenizerData tokens_of_sentence_piece() {
  TokenizerData data;
  auto spm = testing::load_reference_tokenizer("llama-spm");
  EXPECT_TRUE(spm.ok()) << spm.error().message;
  for (TokenId token = 0; token < (*spm)->vocabulary_size(); ++token) {
    data.vocabulary.add((*spm)->token_name(token), TokenType::kNormal, -static_cast<float>(token) / 1000);
  }
  return data;
}

TEST(TokenizerSpeed, UnigramIsNearLinear) {
  HEARTH_REQUIRE_TESTDATA();
  TokenizerData data = tokens_of_sentence_piece();
  data.add_space_prefix = true;
  const auto tokenizer = make_unigram_tokenizer(std::move(data));
  ASSERT_TRUE(tokenizer.ok());
  expect_near_linear(**tokenizer, "unigram");
}

TEST(TokenizerSpeed, PlamoAndRwkvAreNearLinear) {
  HEARTH_REQUIRE_TESTDATA();
  TokenizerData data = tokens_of_sentence_piece();
  data.special.unk = 0;
  expect_near_linear(*make_plamo_tokenizer(std::move(data)), "plamo2");
  data = tokens_of_sentence_piece();
  data.special.unk = 0;
  expect_near_linear(*make_rwkv_tokenizer(std::move(data)), "rwkv");
}

TEST(TokenizerSpeed, EveryPreTokenizerIsNearLinear) {
  std::set<const SplitRule*> seen;
  for (const PreTokenizer& pre_tokenizer : all_pre_tokenizers()) {
    if (!seen.insert(pre_tokenizer.rules.data()).second) continue;
    for (const auto& [kind, text] : texts()) {
      // Clang 14 captures no structured bindings, hence the initialiser.
      const double seconds =
          processor_seconds([&, &bytes = text] { EXPECT_FALSE(split_words(pre_tokenizer, bytes).empty()); });
      EXPECT_LT(seconds, kSecondsAllowed) << pre_tokenizer.name << ", " << kind;
    }
  }
}

TEST(TokenizerSpeed, LoadsALargeVocabularyAtOnce) {
  // As large as Gemma's, each token but the first made by a merge of two others.
  constexpr size_t kTokens = 256'000;
  std::mt19937 random(4);
  std::vector<std::string> tokens;
  std::vector<std::string> merges;
  std::unordered_set<std::string> known;
  for (char letter = 'a'; letter <= 'z'; ++letter) tokens.emplace_back(1, letter);
  while (tokens.size() < kTokens) {
    const std::string& left = tokens[random() % tokens.size()];
    const std::string& right = tokens[random() % 500 % tokens.size()];
    if (left.size() + right.size() > 24 || !known.insert(left + right).second) continue;
    merges.push_back(left + " " + right);
    tokens.push_back(left + right);
  }
  GgufWriter writer;
  writer.add_string("general.architecture", "llama");
  writer.add_string("tokenizer.ggml.model", "gpt2");
  writer.add_string("tokenizer.ggml.pre", "qwen2");
  writer.add_strings("tokenizer.ggml.tokens", tokens);
  writer.add_int32s("tokenizer.ggml.token_type", std::vector<int32_t>(kTokens, 1));
  writer.add_strings("tokenizer.ggml.merges", merges);
  auto bytes = writer.write_to_memory();
  ASSERT_TRUE(bytes.ok());
  const auto gguf = Gguf::parse(own_memory(std::move(*bytes)));
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;

  const double seconds = processor_seconds([&] {
    const auto tokenizer = Tokenizer::from_gguf(*gguf);
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
    EXPECT_EQ((*tokenizer)->vocabulary_size(), static_cast<int32_t>(kTokens));
  });
  std::printf("load %zu tokens and %zu merges: %.0f ms\n", kTokens, merges.size(), seconds * 1000);
  EXPECT_LT(seconds, kSecondsAllowed);
}

TEST(TokenizerSpeed, ManySpecialTokensAreNearLinear) {
  TokenizerData data;
  for (int i = 0; i < 5000; ++i) {
    data.vocabulary.add("<unused" + std::to_string(i) + ">", TokenType::kControl);
  }
  data.special.unk = data.vocabulary.add("<unk>", TokenType::kUnknown);
  const auto tokenizer = make_spm_tokenizer(std::move(data));
  EXPECT_LT(seconds_to_encode(*tokenizer, repeated("<unused")), kSecondsAllowed);
  EXPECT_LT(seconds_to_encode(*tokenizer, repeated("<unused77>")), kSecondsAllowed);
}

}  // namespace
}  // namespace hearth
