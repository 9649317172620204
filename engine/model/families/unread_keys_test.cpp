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

TinyModel with_integer(const std::string& key, uint32_t value) {
  TinyModel model;
  model.integers[key] = value;
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
  for (const std::string key : {"logit_scale", "residual_scale", "embedding_scale", "attention.output_scale",
                                "attention.value_scale", "rope.scaling.alpha"}) {
    expect_refused(with(key, 0.25F), key);
    expect_loads(with(key, 1.0F), key + " 1");
    expect_loads(with(key, 0.0F), key + " 0, for none");
  }
}

TEST(UnreadKeys, ALimitThatIsNotAppliedIsRefused) {
  for (const std::string key :
       {"attention.clamp_kqv", "attention.max_alibi_bias", "attention.temperature_scale"}) {
    expect_refused(with(key, 8.0F), key);
    expect_loads(with(key, 0.0F), key + " 0");
  }
}

TEST(UnreadKeys, AWindowIsRefusedWhereItIsShorterThanTheContext) {
  expect_refused(with_integer("attention.sliding_window", 16), "attention.sliding_window");
  expect_loads(with_integer("attention.sliding_window", 0), "none");
  expect_loads(with_integer("attention.sliding_window", 64), "all of the context");
  TinyModel phi3 = with_integer("attention.sliding_window", 16);
  phi3.architecture = "phi3";
  expect_loads(phi3, "phi3, which is run without");
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
  gemma3.integers["attention.sliding_window_pattern"] = 4;
  expect_refused(gemma3, "attention.sliding_window_pattern");
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
  experts.numbers["router_logit_softcapping"] = 30.0F;
  expect_refused(experts, "router_logit_softcapping");
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
