// What the families with latent attention read from metadata.
#include "engine/model/families/latent_attention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/model/network.h"
#include "engine/model/tiny_model.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;
using testing::TinyModel;

/// The attention of DeepSeek V3, in two layers of which one has experts.
TinyModel deepseek() {
  TinyModel model;
  model.architecture = "deepseek2";
  model.integers["attention.head_count"] = 128;
  model.integers["attention.head_count_kv"] = 1;
  model.integers["attention.q_lora_rank"] = 1536;
  model.integers["attention.kv_lora_rank"] = 512;
  model.integers["attention.key_length"] = 576;
  model.integers["attention.value_length"] = 512;
  model.integers["attention.key_length_mla"] = 192;
  model.integers["attention.value_length_mla"] = 128;
  model.integers["rope.dimension_count"] = 64;
  model.integers["leading_dense_block_count"] = 1;
  model.integers["expert_count"] = 4;
  model.integers["expert_used_count"] = 2;
  model.integers["expert_feed_forward_length"] = 16;
  model.integers["expert_shared_count"] = 1;
  return model;
}

const LatentAttentionSpec& latent_of(const ModelSpec& spec) {
  return std::get<LatentAttentionSpec>(spec.layers.front().mixer);
}

TEST(LatentAttention, Remembers576ValuesOfAPositionInALayer) {
  const auto spec = spec_of(deepseek());
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  const auto network = make_network(*spec);
  const uint64_t positions = 2 * kPagePositions * 2;  // in both layers
  EXPECT_EQ(network->states().kv_bytes(2 * kPagePositions, BlockType::kF16), positions * 576 * 2);
  EXPECT_EQ(network->states().kv_bytes(2 * kPagePositions, BlockType::kQ8_0), positions * 576 / 32 * 34);
}

TEST(LatentAttention, RemembersHeadsWhereTheFileHasNoMatricesForLatents) {
  TinyModel model = deepseek();
  model.integers.erase("attention.key_length_mla");
  model.integers.erase("attention.value_length_mla");
  model.integers["attention.key_length"] = 192;
  model.integers["attention.value_length"] = 128;
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_FALSE(latent_of(*spec).absorbed);
  EXPECT_EQ(make_network(*spec)->states().kv_bytes(kPagePositions, BlockType::kF16),
            uint64_t{2 * kPagePositions} * 128 * (192 + 128) * 2);
}

/// DeepSeek V3's config.json: a factor of 40, mscale and mscale_all_dim of 1.
TEST(LatentAttention, ScoresGrowByTheSquareOfYarnsMultiplier) {
  TinyModel model = deepseek();
  model.strings["rope.scaling.type"] = "yarn";
  model.numbers["rope.scaling.factor"] = 40.0F;
  model.integers["rope.scaling.original_context_length"] = 32;
  model.numbers["rope.scaling.yarn_log_multiplier"] = 0.1F;
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  const double mscale = 0.1 * std::log(40.0) + 1.0;
  EXPECT_NEAR(latent_of(*spec).scale, mscale * mscale / std::sqrt(192.0), 1e-7);
  EXPECT_NEAR(make_rope_table(latent_of(*spec).rope, {}).magnitude, 1.0F, 1e-6);
}

TEST(LatentAttention, IsRefusedWhereItsSizesMakeNoSense) {
  const auto reason = [](std::string_view key, uint32_t value) {
    TinyModel model = deepseek();
    model.integers[std::string(key)] = value;
    const auto spec = spec_of(model);
    return spec.ok() ? "" : spec.error().message;
  };
  EXPECT_THAT(reason("attention.kv_lora_rank", 0), HasSubstr("deepseek2.attention.kv_lora_rank"));
  EXPECT_THAT(reason("attention.value_length_mla", 0), HasSubstr("attention.value_length_mla"));
  EXPECT_THAT(reason("rope.dimension_count", 192), HasSubstr("rope.dimension_count"));
  EXPECT_THAT(reason("rope.dimension_count", 0), HasSubstr("rope.dimension_count"));
  EXPECT_THAT(reason("attention.kv_lora_rank", 1U << 24), HasSubstr("attention.head_count"));
}

TinyModel with_indexer(std::string_view architecture) {
  TinyModel model = deepseek();
  model.architecture = architecture;
  model.integers["attention.indexer.head_count"] = 64;
  model.integers["attention.indexer.key_length"] = 128;
  model.integers["attention.indexer.top_k"] = 2048;
  return model;
}

TEST(LatentAttention, RemembersTheIndexersKeysToo) {
  const auto spec = spec_of(with_indexer("deepseek32"));
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_EQ(latent_of(*spec).indexer.rope.pairs, RopePairs::kHalves);
  EXPECT_EQ(spec->carried_width, 2048);
  EXPECT_EQ(make_network(*spec)->states().kv_bytes(kPagePositions, BlockType::kF16),
            uint64_t{2 * kPagePositions} * (576 + 128) * 2);
}

TEST(LatentAttention, OfGlm52HasAnIndexerInEveryFourthLayer) {
  const auto choosing = [](uint32_t context_length) {
    TinyModel model = with_indexer("glm-dsa");
    model.integers["block_count"] = 11;
    model.integers["context_length"] = context_length;
    const auto spec = spec_of(model);
    EXPECT_TRUE(spec.ok()) << spec.error().message;
    std::vector<size_t> layers;
    for (size_t i = 0; spec.ok() && i < spec->layers.size(); ++i) {
      if (std::get<LatentAttentionSpec>(spec->layers[i].mixer).indexer.chooses) layers.push_back(i);
    }
    return layers;
  };
  EXPECT_EQ(choosing(1 << 20), (std::vector<size_t>{0, 1, 2, 6, 10}));
  EXPECT_EQ(choosing(1 << 17).size(), 11U);
}

TEST(LatentAttention, RefusesAnIndexerThatMakesNoSense) {
  const auto reason = [](std::string_view key, uint32_t value) {
    TinyModel model = with_indexer("glm-dsa");
    model.integers[std::string(key)] = value;
    const auto spec = spec_of(model);
    return spec.ok() ? "" : spec.error().message;
  };
  for (const std::string_view key :
       {"attention.indexer.top_k", "attention.indexer.head_count", "attention.indexer.key_length"}) {
    EXPECT_THAT(reason(key, 0), HasSubstr(key));
    EXPECT_THAT(reason(key, 1U << 31), HasSubstr(key));
  }
  EXPECT_THAT(reason("attention.indexer.key_length", 32), HasSubstr("rope.dimension_count"));
  EXPECT_THAT(reason("attention.indexer.types", 0), HasSubstr("attention.indexer.types"));
}

}  // namespace
}  // namespace hearth
