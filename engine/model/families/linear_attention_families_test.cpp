// What files of convolutions, delta nets and RWKV may say, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/model/families/family.h"
#include "engine/model/tiny_model.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;
using testing::TinyModel;

TinyModel linear_model(const std::string& architecture) {
  TinyModel model;
  model.architecture = architecture;
  model.numbers["attention.layer_norm_epsilon"] = 1e-5F;
  if (architecture.starts_with("qwen")) {
    model.integers.insert({{"ssm.conv_kernel", 4},
                           {"ssm.inner_size", 64},
                           {"ssm.state_size", 16},
                           {"ssm.time_step_rank", 4},
                           {"ssm.group_count", 2},
                           {"full_attention_interval", 2}});
  }
  if (architecture.find("rwkv") != std::string::npos) {
    model.integers["attention.head_count"] = 0;
    model.integers.erase("attention.head_count_kv");
    model.integers.insert({{"wkv.head_size", 16},
                           {"time_mix_extra_dim", 8},
                           {"time_decay_extra_dim", 8},
                           {"attention.decay_lora_rank", 8},
                           {"attention.iclr_lora_rank", 8},
                           {"attention.value_residual_mix_lora_rank", 8},
                           {"attention.gate_lora_rank", 8}});
  }
  if (architecture == "lfm2") {
    model.arrays["attention.head_count_kv"] = {0, 1};
    model.integers["shortconv.l_cache"] = 3;
  }
  return model;
}

void expect_refused(const std::string& architecture, const std::string& key, uint32_t value) {
  TinyModel model = linear_model(architecture);
  ASSERT_TRUE(testing::spec_of(model).ok()) << testing::spec_of(model).error().message;
  model.integers[key] = value;
  const auto spec = testing::spec_of(model);
  ASSERT_FALSE(spec.ok()) << key;
  EXPECT_THAT(spec.error().message, HasSubstr("'" + architecture + "." + key + "'"));
}

TEST(LinearAttentionFamilies, SizesThatCannotBeAreRefusedByName) {
  expect_refused("lfm2", "shortconv.l_cache", 1);
  expect_refused("lfm2", "shortconv.l_cache", 1U << 31);
  expect_refused("qwen35", "ssm.conv_kernel", 1);
  expect_refused("qwen35", "ssm.inner_size", 65);
  expect_refused("qwen35", "ssm.state_size", 1U << 31);
  expect_refused("qwen35", "ssm.time_step_rank", 0);
  expect_refused("qwen35", "ssm.group_count", 3);
  expect_refused("qwen35", "full_attention_interval", 0);
  expect_refused("qwen35", "nextn_predict_layers", 2);
  for (const std::string architecture : {"rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"}) {
    expect_refused(architecture, "wkv.head_size", 0);
    expect_refused(architecture, "wkv.head_size", 15);
  }
  expect_refused("rwkv6", "time_mix_extra_dim", 0);
  expect_refused("rwkv6qwen2", "attention.head_count_kv", 3);
  expect_refused("arwkv7", "attention.iclr_lora_rank", 1U << 31);
}

TEST(LinearAttentionFamilies, LayersAreWhatTheFileListsOrEveryNth) {
  const auto is_delta_net = [](const ModelSpec& spec, size_t layer) {
    return std::holds_alternative<DeltaNetSpec>(spec.layers[layer].mixer);
  };
  TinyModel model = linear_model("qwen35");
  const auto by_interval = testing::spec_of(model);
  ASSERT_TRUE(by_interval.ok());
  EXPECT_TRUE(is_delta_net(*by_interval, 0));
  EXPECT_FALSE(is_delta_net(*by_interval, 1));
  model.arrays["attention.recurrent_layers"] = {0, 1};
  const auto listed = testing::spec_of(model);
  ASSERT_TRUE(listed.ok());
  EXPECT_FALSE(is_delta_net(*listed, 0));
  EXPECT_TRUE(is_delta_net(*listed, 1));
}

TEST(LinearAttentionFamilies, LayersThatGuessFurtherTokensAreLeftOut) {
  TinyModel model = linear_model("qwen35");
  model.integers["nextn_predict_layers"] = 1;
  const auto spec = testing::spec_of(model);
  ASSERT_TRUE(spec.ok());
  EXPECT_EQ(spec->n_layer(), 1);
  EXPECT_EQ(spec->n_layer_nextn, 1);
}

TEST(LinearAttentionFamilies, SomeLayersOfRwkv6AreHalved) {
  TinyModel model = linear_model("rwkv6");
  model.integers["rescale_every_n_layers"] = 2;
  const auto spec = testing::spec_of(model);
  ASSERT_TRUE(spec.ok());
  EXPECT_EQ(spec->layers[0].output_scale, 1.0F);
  EXPECT_EQ(spec->layers[1].output_scale, 0.5F);
}

}  // namespace
}  // namespace hearth
