// What the files of dense families say, and what they may leave out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"
#include "engine/model/tiny_model.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;
using testing::TinyModel;

TinyModel dense_model(const std::string& architecture, uint32_t n_layer = 2) {
  TinyModel model;
  model.architecture = architecture;
  model.integers["block_count"] = n_layer;
  model.numbers["attention.layer_norm_epsilon"] = 1e-5F;
  return model;
}

ModelSpec dense_spec(const TinyModel& model) {
  auto spec = spec_of(model);
  EXPECT_TRUE(spec.ok()) << (spec.ok() ? "" : spec.error().message);
  return spec.ok() ? std::move(spec).value() : ModelSpec{};
}

void expect_fault(const TinyModel& model, ErrorCode code, const std::string& what) {
  const auto spec = spec_of(model);
  ASSERT_FALSE(spec.ok()) << what;
  EXPECT_EQ(spec.error().code, code);
  EXPECT_THAT(spec.error().message, HasSubstr(what));
}

TEST(DenseFamilies, GraniteNeedsItsLogitScale) {
  TinyModel model = dense_model("granite");
  expect_fault(model, ErrorCode::kInvalidModel, "'granite.logit_scale': is missing");
  model.numbers["logit_scale"] = 0.0F;
  expect_fault(model, ErrorCode::kInvalidModel, "'granite.logit_scale': must not be 0");
  model.numbers["logit_scale"] = 8.0F;
  const ModelSpec spec = dense_spec(model);
  EXPECT_EQ(spec.head.logit_scale, 0.125F);
  EXPECT_EQ(spec.embedding.scale, 1.0F);
  EXPECT_EQ(spec.layers[0].mixer_scale, 1.0F);
}

// Hu et al. 2024: logits are those of a model 256 wide.
TEST(DenseFamilies, MiniCpmWithoutKeysHasThePublishedMultipliers) {
  const ModelSpec spec = dense_spec(dense_model("minicpm"));
  EXPECT_FLOAT_EQ(spec.embedding.scale, 12.0F);
  EXPECT_FLOAT_EQ(spec.layers[1].feed_forward_scale, 1.4F / std::sqrt(2.0F));
  EXPECT_FLOAT_EQ(spec.head.logit_scale, 256.0F / 32.0F);
}

TEST(DenseFamilies, PairsMayBeOfAFourthSection) {
  for (const std::string architecture : {"qwen2vl", "qwen3vl", "glm4"}) {
    TinyModel model = dense_model(architecture);
    model.arrays["rope.dimension_sections"] = {2, 3, 3, 0};
    dense_spec(model);
    model.arrays["rope.dimension_sections"] = {2, 3, 2, 1};
    EXPECT_EQ(families::attention_of(dense_spec(model).layers[0]).rope.sections[3], 1);
    model.arrays["rope.dimension_sections"] = {2, 2, 2, 2, 0};
    expect_fault(model, ErrorCode::kInvalidModel, "rope.dimension_sections");
  }
}

TEST(DenseFamilies, PairsOfGlm4GoByItsSections) {
  TinyModel model = dense_model("glm4");
  EXPECT_EQ(families::attention_of(dense_spec(model).layers[0]).rope.pairs, RopePairs::kAdjacent);
  model.arrays["rope.dimension_sections"] = {2, 3, 3, 0};
  EXPECT_EQ(families::attention_of(dense_spec(model).layers[0]).rope.pairs, RopePairs::kHalves);
}

TEST(DenseFamilies, CohereSlidesByItsPeriodOrLayerByLayer) {
  TinyModel model = dense_model("cohere2", 4);
  expect_fault(model, ErrorCode::kInvalidModel, "'cohere2.attention.sliding_window': is missing");
  model.integers["attention.sliding_window"] = 16;
  const auto windows = [&] {
    std::vector<int32_t> all;
    for (const LayerSpec& layer : dense_spec(model).layers) {
      const AttentionSpec& attention = families::attention_of(layer);
      EXPECT_EQ(attention.rope.dimensions > 0, attention.window > 0);  // only what slides has positions
      all.push_back(attention.window);
    }
    return all;
  };
  EXPECT_THAT(windows(), ::testing::ElementsAre(16, 16, 16, 0));
  model.integers["attention.sliding_window_pattern"] = 2;
  EXPECT_THAT(windows(), ::testing::ElementsAre(16, 0, 16, 0));
  model.arrays["attention.sliding_window_pattern"] = {0, 1, 1, 0};
  EXPECT_THAT(windows(), ::testing::ElementsAre(0, 16, 16, 0));
  model.arrays["attention.sliding_window_pattern"] = {0, 1, 1};
  expect_fault(model, ErrorCode::kInvalidModel, "has 3 values; the model has 4 layers");
}

TEST(Rope, OfGrokSaysHowMuchYarnThereIs) {
  TinyModel model;
  const auto rope = [&] { return families::attention_of(dense_spec(model).layers[0]).rope; };
  model.numbers["rope.scaling.yarn_attn_factor"] = 1.5F;
  EXPECT_FLOAT_EQ(rope().attention_factor, 1.5F);
  model.numbers["rope.scaling.yarn_ext_factor"] = 0.5F;
  EXPECT_TRUE(rope().yarn);
  EXPECT_EQ(rope().yarn_extrapolation, 0.5F);
  EXPECT_FLOAT_EQ(rope().attention_factor, 1.0F);
  model.strings["rope.scaling.type"] = "yarn";
  model.numbers["rope.scaling.yarn_ext_factor"] = 0.0F;
  EXPECT_FALSE(rope().yarn);
  model.numbers["rope.scaling.yarn_ext_factor"] = -1.0F;
  EXPECT_TRUE(rope().yarn);
  EXPECT_EQ(rope().yarn_extrapolation, 1.0F);
}

TEST(SlidingRope, IsThatOfTheOthersButForWhatItHasOfItsOwn) {
  TinyModel model;
  const auto sliding_rope = [&] {
    const auto file = model.open();
    const auto keys = families::Hyperparameters::of(file->metadata());
    return families::read_sliding_rope(*keys, {.dimensions = 16, .theta_base = 5000.0F});
  };
  EXPECT_EQ(*sliding_rope(), (RopeSpec{.dimensions = 16, .theta_base = 5000.0F}));
  model.numbers["rope.freq_base_swa"] = 100.0F;
  model.integers["rope.dimension_count_swa"] = 8;
  EXPECT_EQ(*sliding_rope(), (RopeSpec{.dimensions = 8, .theta_base = 100.0F}));
  model.integers["rope.dimension_count_swa"] = 7;
  EXPECT_THAT(sliding_rope().error().message, HasSubstr("'llama.rope.dimension_count_swa': must be even"));
  model.numbers["rope.freq_base_swa"] = 1.0F;
  EXPECT_THAT(sliding_rope().error().message, HasSubstr("'llama.rope.freq_base_swa': must be above 1"));
}

TEST(DenseFamilies, WindowsOfExaone4AreThoseOfItsSixtyFourLayers) {
  TinyModel small = dense_model("exaone4");
  small.integers["attention.sliding_window"] = 16;
  EXPECT_EQ(families::attention_of(dense_spec(small).layers[0]).window, 0);
  const ModelSpec large = dense_spec(dense_model("exaone4", 64));
  EXPECT_EQ(families::attention_of(large.layers[0]).window, 4096);
  EXPECT_EQ(families::attention_of(large.layers[3]).window, 0);
}

TEST(DenseFamilies, LayersOfDeciMayLackPartsAndOthersMayNot) {
  TinyModel model = dense_model("deci", 4);
  model.arrays["attention.head_count"] = {2, 2, 0, 0};
  model.arrays["attention.head_count_kv"] = {1, 0, 0, 0};
  model.arrays["feed_forward_length"] = {64, 0, 32, 0};
  const ModelSpec spec = dense_spec(model);
  EXPECT_TRUE(std::holds_alternative<AttentionSpec>(spec.layers[0].mixer));
  EXPECT_TRUE(std::holds_alternative<LinearMixerSpec>(spec.layers[1].mixer));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(spec.layers[2].mixer));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(spec.layers[3].feed_forward));
  model.architecture = "llama";
  expect_fault(model, ErrorCode::kInvalidModel, "'llama.feed_forward_length': must be above 0");
}

TEST(DenseFamilies, ApertusNeedsEveryParameterOfItsActivation) {
  expect_fault(dense_model("apertus"), ErrorCode::kInvalidModel, "'xielu.alpha_n': is missing");
}

TEST(DenseFamilies, NanbeigeGoesThroughItsLayersAsOftenAsTheFileSays) {
  TinyModel model = dense_model("nanbeige");
  EXPECT_EQ(dense_spec(model).n_round, 1);
  model.integers["num_loops"] = 2;
  EXPECT_EQ(dense_spec(model).n_round, 2);
  model.integers["num_loops"] = 0;
  expect_fault(model, ErrorCode::kInvalidModel, "'nanbeige.num_loops': must be above 0");
  model.integers["num_loops"] = 257;
  expect_fault(model, ErrorCode::kInvalidModel, "'nanbeige.num_loops': 257 is above the limit of 256");
}

TEST(DenseFamilies, TalkieNeedsItsLogitScale) {
  TinyModel model = dense_model("talkie");
  expect_fault(model, ErrorCode::kInvalidModel, "'talkie.logit_scale': is missing");
  model.numbers["logit_scale"] = 0.5F;
  EXPECT_EQ(dense_spec(model).head.logit_scale, 0.5F);
}

TEST(DenseFamilies, ChameleonNeverSaysImages) {
  const ModelSpec spec = dense_spec(dense_model("chameleon"));
  EXPECT_EQ(spec.head.unsaid.first, 4);
  EXPECT_EQ(spec.head.unsaid.count, 8192);
  EXPECT_EQ(spec.layers[0].norms.mixer.name, "attn_norm");
}

// ChameleonSwinDecoderLayer of its published code (transformers): x += norm(attention(x)), x += norm(mlp(x)),
// as OLMo 2 has it.
TEST(DenseFamilies, TheNormsOfTheLargeChameleonStandBehindEachPart) {
  TinyModel model = dense_model("chameleon");
  model.flags["swin_norm"] = true;
  const LayerNorms norms = dense_spec(model).layers[0].norms;
  EXPECT_EQ(norms.mixer.name, kNormsAfter.mixer.name);
  EXPECT_EQ(norms.feed_forward.name, kNormsAfter.feed_forward.name);
  EXPECT_EQ(norms.mixer_output.name, "attn_norm");
  EXPECT_EQ(norms.feed_forward_output.name, "ffn_norm");
}

TEST(DenseFamilies, HunyuanVlHasFourPositionsThatAreOneInTexts) {
  TinyModel model = dense_model("hunyuan_vl");
  model.arrays["rope.dimension_sections"] = {2, 2, 2, 2};
  EXPECT_EQ(families::attention_of(dense_spec(model).layers[0]).rope.dimensions, 16);
  model.architecture = "paddleocr";
  EXPECT_EQ(families::attention_of(dense_spec(model).layers[0]).rope.sections[3], 2);
}

TEST(DenseFamilies, TemperatureNeedsALength) {
  TinyModel model = dense_model("mistral3");
  model.numbers["attention.temperature_scale"] = 0.1F;
  EXPECT_EQ(families::attention_of(dense_spec(model).layers[0]).temperature.length, 64);  // the context's
  model.integers["rope.scaling.original_context_length"] = 0;
  expect_fault(model, ErrorCode::kInvalidModel, "rope.scaling.original_context_length");
}

}  // namespace
}  // namespace hearth
