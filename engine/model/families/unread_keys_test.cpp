#include "engine/model/families/unread_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "engine/model/families/family.h"
#include "engine/model/tiny_model.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;
using testing::TinyModel;

/// A llama with one more key.
TinyModel with(const std::string& key, float value) {
  TinyModel model;
  model.numbers[key] = value;
  return model;
}

void expect_loads(const TinyModel& model, const std::string& what) {
  const auto spec = spec_of(model);
  EXPECT_TRUE(spec.ok()) << what << ": " << (spec.ok() ? "" : spec.error().message);
}

void expect_refused(const TinyModel& model, const std::string& key) {
  const auto spec = spec_of(model);
  ASSERT_FALSE(spec.ok()) << key;
  EXPECT_EQ(spec.error().code, ErrorCode::kUnsupportedModel) << spec.error().message;
  EXPECT_THAT(spec.error().message, HasSubstr("'" + model.architecture + "." + key + "'"));
}

TEST(UnreadKeys, AScaleThatIsNotAppliedIsRefused) {
  for (const std::string key : {"logit_scale", "embedding_scale", "attention.output_scale",
                                "attention.value_scale", "rope.scaling.alpha"}) {
    expect_refused(with(key, 0.25F), key);
    expect_loads(with(key, 1.0F), key + " 1");
    expect_loads(with(key, 0.0F), key + " 0, for none");
  }
}

TEST(UnreadKeys, ATemperatureThatIsNotAppliedIsRefused) {
  expect_refused(with("attention.temperature_scale", 8.0F), "attention.temperature_scale");
  expect_loads(with("attention.temperature_scale", 0.0F), "none");
}

// llama.cpp's own maker of random models (tests/test-llama-archs.cpp) gives them to every architecture, and
// what it saves has its defaults.
TEST(UnreadKeys, WhatWritersPutIntoFilesOfAllArchitecturesSaysNothing) {
  TinyModel model;
  model.numbers["attention.clamp_kqv"] = 1.0F;
  model.numbers["attention.max_alibi_bias"] = 8.0F;
  model.numbers["residual_scale"] = 3.5F;
  model.numbers["attn_logit_softcapping"] = 50.0F;
  model.numbers["router_logit_softcapping"] = 30.0F;
  model.numbers["final_logit_softcapping"] = 30.0F;
  model.integers["attention.relative_buckets_count"] = 8;
  model.integers["attention.sliding_window"] = 16;
  model.integers["attention.sliding_window_pattern"] = 2;
  model.integers["pooling_type"] = 0xFFFFFFFF;
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_FALSE(spec->pooling.has_value());
  EXPECT_EQ(spec->head.soft_cap, 0.0F);
  const auto& attention = std::get<AttentionSpec>(spec->layers.front().mixer);
  EXPECT_EQ(attention.window, 0);
  EXPECT_EQ(attention.soft_cap, 0.0F);
}

TEST(UnreadKeys, OnesThatSayWhatTheFamilyDoesAnywayAreFine) {
  TinyModel gemma3;
  gemma3.architecture = "gemma3";
  gemma3.integers["block_count"] = 12;
  gemma3.integers["attention.sliding_window"] = 8;
  gemma3.integers["attention.sliding_window_pattern"] = 6;
  gemma3.numbers["rope.freq_base_swa"] = 10000.0F;
  gemma3.numbers["embedding_scale"] = std::sqrt(32.0F);
  gemma3.strings["hidden_activation"] = "gelu_pytorch_tanh";
  expect_loads(gemma3, "gemma3");
}

TEST(UnreadKeys, AnotherActivationIsRefused) {
  TinyModel model;
  model.strings["hidden_activation"] = "relu2";
  expect_refused(model, "hidden_activation");
  model.strings["hidden_activation"] = "silu";
  expect_loads(model, "silu");
}

TEST(UnreadKeys, OfExpertsMatterOnlyWhereThereAreAny) {
  TinyModel dense = with("expert_weights_scale", 2.5F);
  dense.integers["expert_gating_func"] = 2;
  expect_loads(dense, "dense");
  TinyModel experts;
  experts.integers["expert_count"] = 8;
  experts.integers["expert_used_count"] = 2;
  experts.integers["expert_gating_func"] = 1;
  expect_loads(experts, "softmax");
}

TEST(UnreadKeys, AnyOtherIsFine) {
  TinyModel model;
  model.integers["vocab_size"] = 40;
  model.integers["pooling_type"] = 3;
  model.integers["invented_by_a_later_converter"] = 7;
  model.strings["tensor_data_layout"] = "Meta AI original pth";
  model.numbers["attention.layer_norm_epsilon"] = 1e-6F;
  expect_loads(model, "harmless keys");
}

TEST(UnreadKeys, OneThatIsNoNumberIsNamed) {
  TinyModel model;
  model.strings["logit_scale"] = "big";
  const auto spec = spec_of(model);
  ASSERT_FALSE(spec.ok());
  EXPECT_EQ(spec.error().code, ErrorCode::kInvalidModel);
  EXPECT_THAT(spec.error().message, HasSubstr("'llama.logit_scale': must be a number"));
}

}  // namespace
}  // namespace hearth
