#include "engine/model/convert/type_mix.h"

#include <gtest/gtest.h>

namespace hearth {
namespace {

BlockType type_of(std::string_view mix, TensorRole role, int32_t layer = 10, int32_t n_layer = 32,
                  uint64_t columns = 4096) {
  const auto found = find_type_mix(mix);
  EXPECT_TRUE(found.ok()) << mix;
  return type_in_mix(*found, role, layer, n_layer, columns);
}

TEST(TypeMix, ATypesNameMeansThatTypeForEveryMatrix) {
  EXPECT_EQ(type_of("iq3_s", TensorRole::kMatrix), BlockType::kIQ3_S);
  EXPECT_EQ(type_of("Q8_0", TensorRole::kOutput), BlockType::kQ8_0);
  EXPECT_EQ(type_of("F16", TensorRole::kFeedForwardDown), BlockType::kF16);
  EXPECT_EQ(type_of("Q4_0", TensorRole::kVector), BlockType::kF32);
}

TEST(TypeMix, TheOutputOfSmallTypesIsQ6_K) {
  EXPECT_EQ(type_of("Q4_0", TensorRole::kOutput), BlockType::kQ6_K);
  EXPECT_EQ(type_of("Q4_K_M", TensorRole::kOutput), BlockType::kQ6_K);
}

TEST(TypeMix, MediumMixesSpendMoreOnHalfOfTheValuesAndDowns) {
  EXPECT_EQ(type_of("Q4_K_M", TensorRole::kMatrix, 0), BlockType::kQ4_K);
  int more = 0;
  for (int32_t layer = 0; layer < 32; ++layer) {
    const BlockType down = type_of("q4_k_m", TensorRole::kFeedForwardDown, layer);
    EXPECT_EQ(down, type_of("Q4_K_M", TensorRole::kAttentionValue, layer));
    more += down == BlockType::kQ6_K ? 1 : 0;
  }
  EXPECT_EQ(more, 16);  // layers 0-3, 28-31 and every third of the 24 between
}

TEST(TypeMix, SmallMixesSpendMoreOnTheFirstLayersOnly) {
  EXPECT_EQ(type_of("Q4_K_S", TensorRole::kAttentionValue, 3), BlockType::kQ5_K);
  EXPECT_EQ(type_of("Q4_K_S", TensorRole::kAttentionValue, 4), BlockType::kQ4_K);
  EXPECT_EQ(type_of("Q5_K_S", TensorRole::kAttentionValue, 0), BlockType::kQ5_K);
}

TEST(TypeMix, RowsThatNoSuperBlockDividesFallBackToBlocksOf32) {
  EXPECT_EQ(type_of("Q4_K_M", TensorRole::kMatrix, 10, 32, 576), BlockType::kQ5_0);
  EXPECT_EQ(type_of("Q6_K", TensorRole::kMatrix, 10, 32, 576), BlockType::kQ8_0);
  EXPECT_EQ(type_of("Q8_0", TensorRole::kMatrix, 10, 32, 40), BlockType::kF16);
}

TEST(TypeMix, WhatIsNoTypeForWeightsIsRefused) {
  for (const std::string_view name : {"I8", "I16", "I32", "I64", "F64", "Q4_K_L", ""}) {
    const auto found = find_type_mix(name);
    ASSERT_FALSE(found.ok()) << name;
    EXPECT_EQ(found.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace hearth
