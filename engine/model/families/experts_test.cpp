#include "engine/model/families/experts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/model/families/family.h"
#include "engine/model/tiny_model.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;
using testing::TinyModel;

/// Eight experts, of which a row uses two.
TinyModel mixture() {
  TinyModel model;
  model.integers["expert_count"] = 8;
  model.integers["expert_used_count"] = 2;
  return model;
}

ExpertsSpec experts_of(const TinyModel& model, size_t layer = 0) {
  const auto spec = spec_of(model);
  EXPECT_TRUE(spec.ok()) << spec.error().message;
  return std::get<ExpertsSpec>(spec->layers[layer].feed_forward);
}

void expect_experts_refused(const TinyModel& model, const std::string& why) {
  const auto spec = spec_of(model);
  ASSERT_FALSE(spec.ok()) << why;
  EXPECT_THAT(spec.error().message, HasSubstr(why));
}

TEST(FamilyExperts, AreAsTheFileSays) {
  TinyModel model = mixture();
  model.architecture = "lfm2moe";
  model.integers["shortconv.l_cache"] = 3;
  model.integers["expert_feed_forward_length"] = 24;
  model.integers["expert_gating_func"] = 2;
  model.integers["expert_group_count"] = 4;
  model.integers["expert_group_used_count"] = 3;
  model.numbers["expert_weights_scale"] = 2.5F;
  const ExpertsSpec experts = experts_of(model);
  EXPECT_EQ(experts.count, 8);
  EXPECT_EQ(experts.used, 2);
  EXPECT_EQ(experts.n_ff, 24);
  EXPECT_EQ(experts.gating, ExpertGating::kSigmoid);
  EXPECT_EQ(experts.groups, 4);
  EXPECT_EQ(experts.groups_used, 3);
  EXPECT_EQ(experts.weight_scale, 2.5F);
}

TEST(FamilyExperts, AreAsTheFamilyHasThemWhereTheFileSaysNothing) {
  const ExpertsSpec experts = experts_of(mixture());
  EXPECT_EQ(experts.gating, ExpertGating::kSoftmax);
  EXPECT_EQ(experts.groups, 1);
  EXPECT_EQ(experts.weight_scale, 1.0F);
  EXPECT_TRUE(experts.normalize_weights);
  EXPECT_EQ(experts.n_ff, 64);
  TinyModel divided = mixture();
  divided.architecture = "qwen3moe";
  EXPECT_EQ(experts_of(divided).n_ff, 32);
}

TEST(FamilyExperts, NeedNoWidthOfANetworkThatNoLayerHas) {
  TinyModel model = mixture();
  model.architecture = "qwen3moe";
  model.integers.erase("feed_forward_length");
  expect_experts_refused(model, "'qwen3moe.feed_forward_length': is missing");
  model.integers["expert_feed_forward_length"] = 24;
  EXPECT_EQ(experts_of(model).n_ff, 24);
}

TEST(FamilyExperts, AreAsTheFamilyHasThemWhateverTheFileSays) {
  TinyModel model = mixture();
  model.integers["expert_gating_func"] = 2;
  model.integers["leading_dense_block_count"] = 1;
  model.integers["interleave_moe_layer_step"] = 2;
  model.flags["expert_weights_norm"] = false;
  const ExpertsSpec experts = experts_of(model);
  EXPECT_EQ(experts.gating, ExpertGating::kSoftmax);
  EXPECT_TRUE(experts.normalize_weights);
}

TEST(FamilyExperts, LeaveLayersDenseThatTheFileNames) {
  TinyModel model = mixture();
  model.architecture = "ernie4_5-moe";
  model.integers["block_count"] = 5;
  model.integers["leading_dense_block_count"] = 1;
  model.integers["interleave_moe_layer_step"] = 2;
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  std::vector<bool> have_experts;
  for (const LayerSpec& layer : spec->layers) {
    have_experts.push_back(std::holds_alternative<ExpertsSpec>(layer.feed_forward));
  }
  EXPECT_EQ(have_experts, (std::vector<bool>{false, true, false, true, false}));
}

TEST(FamilyExperts, NameTheKeyAtFault) {
  TinyModel many = mixture();
  many.integers["expert_count"] = 1U << 31U;
  expect_experts_refused(many, "'llama.expert_count': 2147483648 is above the limit");

  TinyModel none_used = mixture();
  none_used.integers["expert_used_count"] = 0;
  expect_experts_refused(none_used, "'llama.expert_used_count': must be above 0");

  TinyModel uneven = mixture();
  uneven.integers["expert_group_count"] = 3;
  expect_experts_refused(uneven, "'llama.expert_group_count': 3 must divide expert_count 8");

  TinyModel without_use = mixture();
  without_use.integers["expert_group_count"] = 4;
  expect_experts_refused(without_use, "'llama.expert_group_used_count': is missing");

  TinyModel few = mixture();
  few.integers["expert_used_count"] = 3;
  few.integers["expert_group_count"] = 4;
  few.integers["expert_group_used_count"] = 1;
  expect_experts_refused(few, "'llama.expert_group_used_count': 1 groups have 2 experts; each row uses 3");

  TinyModel gating = mixture();
  gating.architecture = "minimax-m2";
  gating.integers["expert_gating_func"] = 9;
  expect_experts_refused(gating, "'minimax-m2.expert_gating_func' is 9; Hearth knows 1 (softmax)");

  TinyModel step = mixture();
  step.architecture = "ernie4_5-moe";
  step.integers["interleave_moe_layer_step"] = 0;
  expect_experts_refused(step, "'ernie4_5-moe.interleave_moe_layer_step': must be above 0");
}

}  // namespace
}  // namespace hearth
