#include "testing/synthetic/synthetic_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/format/gguf.h"
#include "engine/model/families/family.h"
#include "engine/text/tokenizer.h"

namespace hearth {
namespace {

std::vector<std::byte> make(const SyntheticShape& shape, std::string_view type = "Q4_0", uint64_t seed = 1) {
  GgufWriter writer;
  const auto mix = find_plain_mix(type);
  EXPECT_TRUE(mix.ok());
  const auto added = add_synthetic_model(shape, *mix, seed, writer);
  EXPECT_TRUE(added.ok()) << added.error().message;
  auto bytes = writer.write_to_memory();
  EXPECT_TRUE(bytes.ok());
  return std::move(*bytes);
}

// A real shape with so little of everything that a test can afford it.
SyntheticShape shrunk(SyntheticShape shape) {
  shape.n_vocab = 400;
  shape.n_layer = 2;
  shape.n_embd = 64;
  shape.n_ff = 64;
  shape.n_ff_expert = shape.n_ff_expert > 0 ? 32 : 0;
  return shape;
}

// Tiny shapes with keys of their own may speak of every layer; engine/runtime/families/every_family_test.cpp
// runs all of them.
bool can_shrink(const SyntheticShape& shape) { return shape.keys.empty(); }

TEST(SyntheticModel, EveryShapeIsAModelThatItsFamilyReads) {
  for (const SyntheticShape& shape : synthetic_shapes()) {
    if (!can_shrink(shape)) continue;
    SCOPED_TRACE(shape.name);
    const auto gguf = Gguf::parse(own_memory(make(shrunk(shape))));
    ASSERT_TRUE(gguf.ok()) << gguf.error().message;
    const auto spec = read_model_spec(*gguf);
    ASSERT_TRUE(spec.ok()) << spec.error().message;
    EXPECT_EQ(spec->is_encoder(), shape.is_encoder);
    EXPECT_EQ(gguf->find_tensor("output.weight") == nullptr, shape.tied);
    const auto& attention = std::get<AttentionSpec>(spec->layers.front().mixer);
    EXPECT_EQ(attention.n_head, shape.n_head);
    EXPECT_EQ(attention.key_dimension, shape.head_dimension);
    const bool is_published = !shape.name.starts_with("tiny-");
    const bool slides = std::any_of(spec->layers.begin(), spec->layers.end(), [&](const LayerSpec& layer) {
      return std::get<AttentionSpec>(layer.mixer).window == shape.window;
    });
    EXPECT_TRUE(slides || !is_published);
    EXPECT_EQ(gguf->require_array("tokenizer.ggml.tokens")->count, 400U);
    const GgufTensor* const table = gguf->find_tensor("token_embd.weight");
    EXPECT_TRUE(table == nullptr || table->rows() == 400U);  // it may be the output's
  }
}

TEST(SyntheticModel, TheSameSeedGivesTheSameBytes) {
  const SyntheticShape& shape = *find_synthetic_shape("tiny-llama");
  EXPECT_EQ(make(shape, "Q4_K_M", 5), make(shape, "Q4_K_M", 5));
  EXPECT_NE(make(shape, "Q4_K_M", 5), make(shape, "Q4_K_M", 6));
}

TEST(SyntheticModel, WordsOfAVocabularyAreDistinct) {
  for (const std::string_view name : {"tiny-llama", "tiny-qwen3"}) {
    SyntheticShape shape = shrunk(*find_synthetic_shape(name));
    shape.n_vocab = 50000;
    const std::vector<std::byte> bytes = make(shape);
    const auto gguf = Gguf::parse(borrow_memory(bytes));
    ASSERT_TRUE(gguf.ok());
    std::vector<std::string_view> tokens = gguf->require_array("tokenizer.ggml.tokens")->strings();
    std::sort(tokens.begin(), tokens.end());
    EXPECT_EQ(std::adjacent_find(tokens.begin(), tokens.end()), tokens.end()) << name;
  }
}

TEST(SyntheticModel, AnyTextGoesThroughItsVocabularyAndBack) {
  constexpr std::string_view kText = "The rain, it raineth: caf\u00e9 42 \U0001F600\n\ttabs";
  std::set<std::string_view> seen;
  for (const SyntheticShape& shape : synthetic_shapes()) {
    if (!can_shrink(shape) || !seen.insert(shape.vocabulary).second) continue;
    SCOPED_TRACE(shape.name);
    const auto gguf = Gguf::parse(own_memory(make(shrunk(shape))));
    ASSERT_TRUE(gguf.ok()) << gguf.error().message;
    const auto tokenizer = Tokenizer::from_gguf(*gguf);
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
    // Others know no bytes.
    if ((*tokenizer)->kind() == "wordpiece" || (*tokenizer)->kind() == "unigram") continue;
    const std::vector<TokenId> tokens = (*tokenizer)->encode(kText);
    EXPECT_EQ((*tokenizer)->decode(tokens), kText);
    EXPECT_LT(tokens.size(), kText.size()) << "no pair of letters was merged";
    EXPECT_TRUE((*tokenizer)->ends_generation((*tokenizer)->special().eos));
  }
}

TEST(SyntheticModel, ShapesThatMakeNoModelAreRefused) {
  const auto mix = find_plain_mix("F32");
  GgufWriter writer;
  SyntheticShape shape = *find_synthetic_shape("tiny-llama");
  shape.n_head_kv = 3;
  EXPECT_EQ(add_synthetic_model(shape, *mix, 1, writer).error().code, ErrorCode::kInvalidArgument);
  shape = *find_synthetic_shape("tiny-llama");
  shape.n_vocab = 100;
  EXPECT_EQ(add_synthetic_model(shape, *mix, 1, writer).error().code, ErrorCode::kInvalidArgument);
  shape = *find_synthetic_shape("tiny-llama");
  shape.n_embd = 0;
  EXPECT_EQ(add_synthetic_model(shape, *mix, 1, writer).error().code, ErrorCode::kInvalidArgument);
}

TEST(SyntheticModel, UnknownNamesGiveNoShape) { EXPECT_EQ(find_synthetic_shape("llama-9000b"), nullptr); }

}  // namespace
}  // namespace hearth
