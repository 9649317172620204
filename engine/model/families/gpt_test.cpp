// What the older families read of a file beside what all do.
#include "engine/model/families/gpt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/model/tiny_model.h"

namespace hearth {
namespace {

using testing::fault_of;
using ::testing::HasSubstr;
using testing::TinyModel;

TinyModel tiny_gpt(const std::string& architecture) {
  TinyModel model;
  model.architecture = architecture;
  model.numbers["attention.layer_norm_epsilon"] = 1e-5F;
  return model;
}

const AttentionSpec& first_attention(const ModelSpec& spec) {
  return std::get<AttentionSpec>(spec.layers.front().mixer);
}

TEST(OlderFamilies, GptNeoXSaysWhetherItsPartsStandSideBySide) {
  TinyModel model = tiny_gpt("gptneox");
  EXPECT_THAT(fault_of(model), HasSubstr("'gptneox.use_parallel_residual': is missing"));
}

TEST(OlderFamilies, BaichuanTellsPositionsAsItsDepthSays) {
  TinyModel model;
  model.architecture = "baichuan";
  EXPECT_EQ(first_attention(*spec_of(model)).rope.dimensions, 0);
  EXPECT_EQ(first_attention(*spec_of(model)).alibi_bias, 0.0F);
  model.integers["block_count"] = 32;
  EXPECT_EQ(first_attention(*spec_of(model)).rope.dimensions, 16);
  EXPECT_EQ(first_attention(*spec_of(model)).alibi_bias, 0.0F);
  model.integers["block_count"] = 40;
  EXPECT_EQ(first_attention(*spec_of(model)).rope.dimensions, 0);
  EXPECT_EQ(first_attention(*spec_of(model)).alibi_bias, 8.0F);
}

TEST(OlderFamilies, MptClampsAndLowersAsItsKeysSay) {
  TinyModel model = tiny_gpt("mpt");
  EXPECT_EQ(first_attention(*spec_of(model)).alibi_bias, 0.0F);
  model.numbers["attention.max_alibi_bias"] = 4.0F;
  model.numbers["attention.clamp_kqv"] = 6.0F;
  EXPECT_EQ(first_attention(*spec_of(model)).alibi_bias, 4.0F);
  EXPECT_EQ(first_attention(*spec_of(model)).clamp, 6.0F);
  model.numbers["attention.clamp_kqv"] = -6.0F;
  EXPECT_THAT(fault_of(model), HasSubstr("'mpt.attention.clamp_kqv': must not be negative"));
  model.numbers["attention.max_alibi_bias"] = -4.0F;
  EXPECT_THAT(fault_of(model), HasSubstr("'mpt.attention.max_alibi_bias': must not be negative"));
}

TEST(OlderFamilies, T5NeedsBucketsOnBothSidesOfARow) {
  TinyModel model;
  model.architecture = "t5encoder";
  EXPECT_THAT(fault_of(model), HasSubstr("'t5encoder.attention.relative_buckets_count': is missing"));
  model.integers["attention.relative_buckets_count"] = 3;
  EXPECT_THAT(fault_of(model), HasSubstr("must be 4 at least"));
  model.integers["attention.relative_buckets_count"] = 32;
  EXPECT_EQ(first_attention(*spec_of(model)).scale, 1.0F);
  EXPECT_TRUE(spec_of(model)->is_encoder());
}

}  // namespace
}  // namespace hearth
