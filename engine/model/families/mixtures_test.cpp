// What families with experts do by layer, and what they refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/model/families/family.h"
#include "engine/model/tiny_model.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TinyModel;

TinyModel mixture_of(const std::string& architecture, uint32_t layers = 5) {
  TinyModel model;
  model.architecture = architecture;
  model.integers["block_count"] = layers;
  model.integers["expert_count"] = 8;
  model.integers["expert_used_count"] = 2;
  model.integers["expert_feed_forward_length"] = 24;
  return model;
}

ModelSpec read(const TinyModel& model) {
  auto spec = spec_of(model);
  EXPECT_TRUE(spec.ok()) << spec.error().message;
  return std::move(spec).value();
}

const AttentionSpec& attention_at(const ModelSpec& spec, size_t layer) {
  return std::get<AttentionSpec>(spec.layers[layer].mixer);
}

const ExpertsSpec& experts_at(const ModelSpec& spec, size_t layer) {
  return std::get<ExpertsSpec>(spec.layers[layer].feed_forward);
}

std::vector<int32_t> windows_of(const ModelSpec& spec) {
  std::vector<int32_t> windows;
  for (size_t i = 0; i < spec.layers.size(); ++i) windows.push_back(attention_at(spec, i).window);
  return windows;
}

std::vector<int32_t> turned_dimensions_of(const ModelSpec& spec) {
  std::vector<int32_t> dimensions;
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    dimensions.push_back(attention_at(spec, i).rope.dimensions);
  }
  return dimensions;
}

void expect_mixture_refused(const TinyModel& model, const std::string& why) {
  const auto spec = spec_of(model);
  ASSERT_FALSE(spec.ok()) << why;
  EXPECT_THAT(spec.error().message, HasSubstr(why));
}

TEST(Mixtures, GptOssSlidesEverySecondLayerAndWeighsByTheChosen) {
  TinyModel model = mixture_of("gpt-oss", 4);
  model.integers["attention.sliding_window"] = 8;
  const ModelSpec spec = read(model);
  EXPECT_THAT(windows_of(spec), ElementsAre(8, 0, 8, 0));
  EXPECT_TRUE(attention_at(spec, 1).has_sinks);
  EXPECT_EQ(experts_at(spec, 0).gating, ExpertGating::kSoftmaxOfChosen);
  EXPECT_EQ(experts_at(spec, 0).activation, Activation::kClampedSwish);
  EXPECT_EQ(experts_at(spec, 0).n_ff, 24);
  model.integers.erase("attention.sliding_window");
  expect_mixture_refused(model, "'gpt-oss.attention.sliding_window': is missing");
}

TEST(Mixtures, MiniMaxM3ChoosesBlocksWhereItHasExperts) {
  TinyModel model = mixture_of("minimax-m3", 3);
  model.integers["leading_dense_block_count"] = 1;
  model.integers["attention.indexer.head_count"] = 1;
  model.integers["attention.indexer.key_length"] = 16;
  model.integers["attention.indexer.top_k"] = 4;
  model.integers["attention.indexer.block_size"] = 128;
  model.integers["attention.indexer.local_blocks"] = 2;
  const ModelSpec spec = read(model);
  EXPECT_EQ(attention_at(spec, 0).indexer.n_head, 0);
  EXPECT_EQ(std::get<GatedSpec>(spec.layers[0].feed_forward).activation, Activation::kClampedSwish);
  EXPECT_EQ(attention_at(spec, 1).indexer.block, 128);
  EXPECT_EQ(attention_at(spec, 1).indexer.latest, 2);
  EXPECT_EQ(experts_at(spec, 2).shared->activation, Activation::kClampedSwish);
  EXPECT_EQ(spec.carried_width, 4);
  model.integers["attention.indexer.local_blocks"] = 5;
  expect_mixture_refused(model, "attention.indexer.local_blocks");
  model.integers["attention.indexer.local_blocks"] = 1;
  model.integers["attention.indexer.head_count"] = 2;
  expect_mixture_refused(model, "attention.indexer.head_count");
}

TEST(Mixtures, Llama4SeesChunksButInEveryFourthLayerWhichGrowsWarmer) {
  TinyModel model = mixture_of("llama4");
  model.integers["interleave_moe_layer_step"] = 2;
  const ModelSpec spec = read(model);
  EXPECT_THAT(turned_dimensions_of(spec), ElementsAre(16, 16, 16, 0, 16));
  EXPECT_EQ(attention_at(spec, 0).chunk, 8192);
  EXPECT_EQ(attention_at(spec, 3).chunk, 0);
  EXPECT_EQ(attention_at(spec, 3).temperature.length, 8192);
  EXPECT_FALSE(attention_at(spec, 3).query_key_norm.has_value());
  EXPECT_FALSE(attention_at(spec, 0).query_key_norm->has_weights);
  EXPECT_TRUE(std::holds_alternative<GatedSpec>(spec.layers[0].feed_forward));
  EXPECT_TRUE(experts_at(spec, 1).weighs_inputs);

  model.integers["attention.sliding_window"] = 0;
  EXPECT_THAT(turned_dimensions_of(read(model)), ElementsAre(16, 16, 16, 16, 16));
  model.integers["expert_count"] = 128;  // Maverick
  EXPECT_FALSE(attention_at(read(model), 0).query_key_norm.has_value());
}

TEST(Mixtures, SmallThinkersRouterLooksAhead) {
  TinyModel model = mixture_of("smallthinker");
  model.integers["attention.sliding_window"] = 4096;
  const ModelSpec spec = read(model);
  EXPECT_THAT(windows_of(spec), ElementsAre(0, 4096, 4096, 4096, 0));
  EXPECT_THAT(turned_dimensions_of(spec), ElementsAre(0, 16, 16, 16, 0));
  EXPECT_TRUE(experts_at(spec, 0).routes_ahead);
}

TEST(Mixtures, Exaones4thLayerNeitherSlidesNorTurns) {
  TinyModel model = mixture_of("exaone-moe", 6);
  model.integers["nextn_predict_layers"] = 1;
  model.integers["attention.sliding_window"] = 8;
  const ModelSpec spec = read(model);
  EXPECT_EQ(spec.n_layer_nextn, 1);
  EXPECT_THAT(windows_of(spec), ElementsAre(8, 8, 8, 0, 8));
  EXPECT_THAT(turned_dimensions_of(spec), ElementsAre(16, 16, 16, 0, 16));
}

TEST(Mixtures, StepsLayersWithoutARouterKeepTheirNetwork) {
  TinyModel model = mixture_of("step35", 2);
  model.integers["attention.sliding_window"] = 8;
  model.arrays["attention.sliding_window_pattern"] = {0, 1};
  model.integers["expert_shared_feed_forward_length"] = 12;
  model.numbers["swiglu_clamp_exp"] = 7.0F;
  model.integers["leading_dense_block_count"] = 1;  // goes by what the file has instead
  const ModelSpec spec = read(model);
  EXPECT_THAT(windows_of(spec), ElementsAre(0, 8));
  EXPECT_THAT(turned_dimensions_of(spec), ElementsAre(8, 16));
  EXPECT_EQ(experts_at(spec, 0).otherwise->n_ff, 64);
  EXPECT_EQ(experts_at(spec, 1).activation.limit, 7.0F);
  EXPECT_EQ(experts_at(spec, 1).shared->n_ff, 12);
  model.numbers["swiglu_clamp_exp"] = -1.0F;
  expect_mixture_refused(model, "'step35.swiglu_clamp_exp': must not be negative");
}

TEST(Mixtures, GraniteAndMiniCpmMayHaveExpertsToo) {
  for (const std::string architecture : {"granite", "minicpm"}) {
    TinyModel model = mixture_of(architecture);
    model.numbers["logit_scale"] = 2.0F;
    EXPECT_EQ(experts_at(read(model), 0).n_ff, 64);
  }
}

// llama.cpp writes "finetuned" as false into every file of it that it saves anew.
TEST(Mixtures, PositionsTurnInGraniteWithExpertsWhateverIsSaidOfFineTuning) {
  TinyModel model = mixture_of("granitemoe", 2);
  model.numbers["logit_scale"] = 2.0F;
  const auto turned = turned_dimensions_of(read(model));
  EXPECT_THAT(turned, ElementsAre(16, 16));
  model.flags["rope.scaling.finetuned"] = false;
  EXPECT_EQ(turned_dimensions_of(read(model)), turned);
}

TEST(Mixtures, NameWhatIsWrong) {
  TinyModel shared = mixture_of("deepseek");
  expect_mixture_refused(shared, "'deepseek.expert_shared_count': is missing");
  shared.integers["expert_feed_forward_length"] = 1U << 20U;
  shared.integers["expert_shared_count"] = 60000;
  expect_mixture_refused(shared, "'deepseek.expert_shared_count': 60000 times 1048576 is above");

  TinyModel grove = mixture_of("grovemoe");
  grove.integers["experts_per_group"] = 3;
  grove.numbers["expert_group_scale"] = 0.05F;
  expect_mixture_refused(grove, "'grovemoe.experts_per_group': must divide expert_count");

  TinyModel cohere = mixture_of("cohere2moe");
  cohere.integers["attention.sliding_window"] = 8;
  expect_mixture_refused(cohere, "'cohere2moe.logit_scale': is missing");
}

}  // namespace
}  // namespace hearth
