#include "engine/model/convert/type_mix.h"

#include <gtest/gtest.h>

namespace hearth {
namespace {

BlockType type_of(std::string_view mix, TensorRole role, int32_t layer = 10, int32_t n_layer = 32,
                  uint64_t columns = 4096) {
  const auto found = find_type_mix(mix);
  EXPECT_TRUE(found.ok()) << mix;
  return fitting_type(type_in_mix(*found, role, {layer, n_layer}), columns);
}

TEST(TypeMix, ATypesNameMeansThatTypeForMostMatrices) {
  EXPECT_EQ(type_of("iq3_s", TensorRole::kMatrix), BlockType::kIQ3_S);
  EXPECT_EQ(type_of("Q3_K", TensorRole::kAttentionOutput), BlockType::kQ4_K);  // as in Q3_K_M
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

TEST(TypeMix, APlainMixIsOfOneTypeButForItsOutput) {
  const auto plain = find_plain_mix("q3_k");
  ASSERT_TRUE(plain.ok());
  for (const TensorRole role :
       {TensorRole::kEmbedding, TensorRole::kAttentionValue, TensorRole::kFeedForwardDown}) {
    EXPECT_EQ(type_in_mix(*plain, role, {0, 32}), BlockType::kQ3_K);
  }
  EXPECT_EQ(type_in_mix(*plain, TensorRole::kOutput, {0, 32}), BlockType::kQ6_K);
}

TEST(TypeMix, MixesOfOneOrTwoBitsSpendMoreOnValuesAndTheFirstDowns) {
  const TypeMix mix = *find_type_mix("IQ2_XXS");
  EXPECT_EQ(type_in_mix(mix, TensorRole::kAttentionValue, {9, 32}), BlockType::kQ2_K);
  EXPECT_EQ(type_in_mix(mix, TensorRole::kAttentionValue, {9, 32}, {.heads_per_key_value = 8}),
            BlockType::kQ4_K);
  EXPECT_EQ(type_in_mix(mix, TensorRole::kFeedForwardDown, {3, 32}), BlockType::kQ2_K);
  EXPECT_EQ(type_in_mix(mix, TensorRole::kFeedForwardDown, {4, 32}), BlockType::kIQ2_XXS);
  EXPECT_EQ(type_in_mix(mix, TensorRole::kOutput, {0, 32}), BlockType::kQ5_K);
}

TEST(TypeMix, EightExpertsLeaveMoreToAttention) {
  const ModelTraits experts = {.n_expert = 8};
  EXPECT_EQ(type_in_mix(*find_type_mix("Q4_K_M"), TensorRole::kAttentionKey, {9, 32}, experts),
            BlockType::kQ8_0);
  EXPECT_EQ(type_in_mix(*find_type_mix("Q4_K_M"), TensorRole::kAttentionOutput, {9, 32}, experts),
            BlockType::kQ5_K);
}

TEST(TypeMix, WhatIsSmallOrNoFactorOfAProductIsLeft) {
  for (const char* name : {"blk.0.ffn_gate_inp.weight", "blk.0.attn_q_norm.weight", "token_types.weight",
                           "position_embd.weight", "blk.0.ssm_conv1d.weight", "blk.0.attn_q.bias",
                           "blk.0.ssm_conv1d_q.weight", "blk.0.shortconv.conv.weight", "altup_proj.weight",
                           "blk.0.laurel_l.weight", "per_layer_model_proj.weight", "blk.0.time_mix_w1.weight",
                           "blk.0.time_mix_decay_w2.weight", "blk.0.time_mix_lerp_fused.weight"}) {
    EXPECT_EQ(role_of(name, 2, false), TensorRole::kVector) << name;
  }
  EXPECT_EQ(role_of("blk.0.ffn_down_exps.weight", 3, false), TensorRole::kFeedForwardDown);
  EXPECT_EQ(role_of("token_embd.weight", 2, true), TensorRole::kOutput);
}

TEST(TypeMix, TheLargeMatricesOfEveryFamilyAreNotLeft) {
  for (const char* name :
       {"blk.0.attn_k_b.weight", "blk.0.attn_v_b.weight", "blk.0.attn_q_a.weight",
        "blk.0.attn_kv_a_mqa.weight", "blk.0.ssm_in.weight", "blk.0.ssm_x.weight",
        "blk.0.shortconv.in_proj.weight", "blk.0.time_mix_key.weight", "blk.0.time_mix_receptance.weight",
        "blk.0.time_mix_output.weight", "blk.0.channel_mix_value.weight"}) {
    EXPECT_EQ(role_of(name, 2, false), TensorRole::kMatrix) << name;
  }
  EXPECT_EQ(role_of("blk.0.attn_kv_b.weight", 2, false), TensorRole::kAttentionValue);
  EXPECT_EQ(role_of("blk.0.ffn_gate_shexp.weight", 2, false), TensorRole::kFeedForwardGate);
}

TEST(TypeMix, RowsThatNoSuperBlockDividesFallBackToBlocksOf32) {
  EXPECT_EQ(type_of("Q4_K_M", TensorRole::kMatrix, 10, 32, 576), BlockType::kQ5_0);
  EXPECT_EQ(type_of("Q6_K", TensorRole::kMatrix, 10, 32, 576), BlockType::kQ8_0);
  EXPECT_EQ(type_of("Q2_K_S", TensorRole::kMatrix, 10, 32, 576), BlockType::kQ4_0);
  EXPECT_EQ(type_of("IQ3_S", TensorRole::kMatrix, 10, 32, 576), BlockType::kIQ4_NL);
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
