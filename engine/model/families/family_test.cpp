#include "engine/model/families/family.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/model/tiny_model.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::TinyModel;

Error error_of(const TinyModel& model) {
  const auto spec = spec_of(model);
  EXPECT_FALSE(spec.ok());
  return spec.ok() ? Error{ErrorCode::kInternal, ""} : spec.error();
}

const AttentionSpec& attention_of(const ModelSpec& spec, size_t layer) {
  return std::get<AttentionSpec>(spec.layers[layer].mixer);
}

TEST(Family, ReadsALlama) {
  const auto spec = spec_of(TinyModel());
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  ASSERT_EQ(spec->n_layer(), 2);
  const AttentionSpec& attention = attention_of(*spec, 1);
  EXPECT_EQ(attention.key_dimension, 16);
  EXPECT_EQ(attention.n_head_kv, 1);
  EXPECT_EQ(attention.rope.dimensions, 16);
  EXPECT_FLOAT_EQ(attention.scale, 0.25F);
  EXPECT_EQ(std::get<GatedSpec>(spec->layers[1].feed_forward).n_ff, 64);
}

TEST(Family, NamesAnUnknownArchitectureAndTheNearestThereIs) {
  TinyModel model;
  model.architecture = "qwen3mo";
  const Error error = error_of(model);
  EXPECT_EQ(error.code, ErrorCode::kUnsupportedModel);
  EXPECT_THAT(error.message, HasSubstr("the file is in order"));
  EXPECT_THAT(error.message, HasSubstr("'qwen3mo'"));
  EXPECT_THAT(error.message, HasSubstr("'qwen3moe'"));
}

TEST(Family, SaysWhatAFileIsThatIsNoLanguageModel) {
  for (const auto& [architecture, what] :
       {std::pair("clip", "images or sound"), std::pair("eagle3", "another model's hidden states"),
        std::pair("dflash", "another model's hidden states"), std::pair("gemma4-assistant", "the Gemma 4"),
        std::pair("wavtokenizer-dec", "makes sound")}) {
    TinyModel model;
    model.architecture = architecture;
    const Error error = error_of(model);
    EXPECT_EQ(error.code, ErrorCode::kUnsupportedModel);
    EXPECT_THAT(error.message, HasSubstr("'" + model.architecture + "' is of no language model"));
    EXPECT_THAT(error.message, HasSubstr(what));
    EXPECT_THAT(error.message, Not(HasSubstr("nearest")));
  }
}

TEST(Family, NamesTheKeyAtFault) {
  TinyModel no_layers;
  no_layers.integers["block_count"] = 0;
  EXPECT_THAT(error_of(no_layers).message, HasSubstr("'llama.block_count': must be above 0"));

  TinyModel missing;
  missing.integers.erase("embedding_length");
  EXPECT_THAT(error_of(missing).message, HasSubstr("'llama.embedding_length': is missing"));

  TinyModel uneven;
  uneven.integers["attention.head_count"] = 3;
  EXPECT_THAT(error_of(uneven).message, HasSubstr("'llama.attention.head_count'"));

  TinyModel huge;
  huge.integers["embedding_length"] = 4000000000U;
  EXPECT_THAT(error_of(huge).message, HasSubstr("'llama.embedding_length': 4000000000 is above the limit"));

  TinyModel odd_rope;
  odd_rope.integers["rope.dimension_count"] = 15;
  EXPECT_THAT(error_of(odd_rope).message, HasSubstr("'llama.rope.dimension_count'"));

  TinyModel not_finite;
  not_finite.numbers["rope.freq_base"] = std::nanf("");
  EXPECT_THAT(error_of(not_finite).message, HasSubstr("'llama.rope.freq_base': must be finite"));

  TinyModel scaling;
  scaling.strings["rope.scaling.type"] = "su";
  EXPECT_EQ(error_of(scaling).code, ErrorCode::kUnsupportedModel);
}

TEST(Family, LinearRopeScalingDividesTheFrequencies) {
  TinyModel model;
  model.strings["rope.scaling.type"] = "linear";
  model.numbers["rope.scaling.factor"] = 4.0F;
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok());
  EXPECT_EQ(attention_of(*spec, 0).rope.frequency_scale, 0.25F);
  EXPECT_FALSE(attention_of(*spec, 0).rope.yarn);
}

TEST(Family, TheScaleOfScoresIsTheFilesInAnyFamily) {
  TinyModel model;
  model.numbers["attention.scale"] = 0.5F;
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_EQ(attention_of(*spec, 1).scale, 0.5F);
}

TEST(Family, CapsOfScoresAndLogitsAreTheFilesWhereTheFamilyHasThem) {
  TinyModel model;
  model.architecture = "gemma2";
  model.numbers["attn_logit_softcapping"] = 20.0F;
  model.numbers["final_logit_softcapping"] = 10.0F;
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_EQ(attention_of(*spec, 1).soft_cap, 20.0F);
  EXPECT_EQ(spec->head.soft_cap, 10.0F);

  model.numbers["attn_logit_softcapping"] = -1.0F;
  EXPECT_THAT(error_of(model).message, HasSubstr("'gemma2.attn_logit_softcapping': must not be negative"));
}

TEST(Family, Gemma3SlidesFiveLayersOfSixWithARopeOfTheirOwn) {
  TinyModel model;
  model.architecture = "gemma3";
  model.integers["block_count"] = 12;
  model.integers["attention.sliding_window"] = 8;
  model.numbers["rope.freq_base"] = 1e6F;
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  for (const size_t sliding : {size_t{0}, size_t{4}, size_t{6}}) {
    EXPECT_EQ(attention_of(*spec, sliding).window, 8);
    EXPECT_EQ(attention_of(*spec, sliding).rope.theta_base, 1e4F);
  }
  for (const size_t full : {size_t{5}, size_t{11}}) {
    EXPECT_EQ(attention_of(*spec, full).window, 0);
    EXPECT_EQ(attention_of(*spec, full).rope.theta_base, 1e6F);
  }
  EXPECT_FLOAT_EQ(spec->embedding.scale, std::sqrt(32.0F));
}

/// TinyModel's sizes as an encoder's.
TinyModel tiny_encoder(const std::string& architecture) {
  TinyModel model;
  model.architecture = architecture;
  model.integers.erase("attention.head_count_kv");
  model.integers["pooling_type"] = 2;
  model.numbers["attention.layer_norm_epsilon"] = 1e-12F;
  return model;
}

TEST(Family, BertSeesBothWaysAndNormalisesSums) {
  const auto spec = spec_of(tiny_encoder("bert"));
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_TRUE(spec->is_encoder());
  EXPECT_TRUE(spec->layers[1].norms_sums);
  EXPECT_EQ(attention_of(*spec, 1).rope.dimensions, 0);
  EXPECT_EQ(spec->embedding.positions, 64);
  EXPECT_EQ(spec->pooling, Pooling::kCls);
  EXPECT_EQ(spec->classifier.labels, 1);
  EXPECT_FALSE(spec_of(TinyModel())->is_encoder());
}

TEST(Family, NomicsExpertsAreInEverySecondLayerAndHaveNoGates) {
  TinyModel model = tiny_encoder("nomic-bert-moe");
  model.integers["expert_count"] = 8;
  model.integers["expert_used_count"] = 2;
  EXPECT_THAT(error_of(model).message, HasSubstr("'nomic-bert-moe.moe_every_n_layers': must be above 1"));
  model.integers["moe_every_n_layers"] = 2;
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_TRUE(std::holds_alternative<PlainSpec>(spec->layers[0].feed_forward));
  const auto& experts = std::get<ExpertsSpec>(spec->layers[1].feed_forward);
  EXPECT_FALSE(experts.gated);
  EXPECT_FALSE(experts.normalize_weights);
  EXPECT_EQ(attention_of(*spec, 0).rope.dimensions, 16);
}

TEST(Family, ModernBertSlidesTwoLayersOfThree) {
  TinyModel model = tiny_encoder("modern-bert");
  model.integers["block_count"] = 5;
  model.integers["attention.sliding_window"] = 8;
  model.numbers["rope.freq_base"] = 160000.0F;
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  for (const size_t full : {size_t{0}, size_t{3}}) {
    EXPECT_EQ(attention_of(*spec, full).window, 0);
    EXPECT_EQ(attention_of(*spec, full).rope.theta_base, 160000.0F);
  }
  for (const size_t sliding : {size_t{1}, size_t{2}, size_t{4}}) {
    EXPECT_EQ(attention_of(*spec, sliding).window, 8);
    EXPECT_EQ(attention_of(*spec, sliding).rope.theta_base, 10000.0F);
  }
  EXPECT_TRUE(spec->layers[0].norms.mixer.name.empty());
  EXPECT_EQ(spec->layers[1].norms.mixer.name, "attn_norm");
}

TEST(Family, NamesAPoolingThatThereIsNot) {
  TinyModel model = tiny_encoder("bert");
  model.integers["pooling_type"] = 5;
  EXPECT_THAT(error_of(model).message, HasSubstr("'bert.pooling_type': 5 is above the limit of 4"));
}

TEST(Family, ExpertsAreFoundInALlama) {
  TinyModel model;
  model.integers["expert_count"] = 8;
  model.integers["expert_used_count"] = 2;
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok());
  EXPECT_EQ(std::get<ExpertsSpec>(spec->layers[0].feed_forward).n_ff, 64);

  model.integers["expert_used_count"] = 9;
  EXPECT_THAT(error_of(model).message, HasSubstr("'llama.expert_used_count': 9 is above the limit of 8"));
}

TEST(Family, LayersMayDifferInHeadsAndWidths) {
  TinyModel model;
  model.arrays["attention.head_count"] = {2, 4};
  model.arrays["attention.head_count_kv"] = {1, 4};
  model.arrays["feed_forward_length"] = {64, 96};
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_EQ(attention_of(*spec, 0).n_head, 2);
  EXPECT_EQ(attention_of(*spec, 0).key_dimension, 16);
  EXPECT_EQ(attention_of(*spec, 1).n_head_kv, 4);
  EXPECT_EQ(attention_of(*spec, 1).rope.dimensions, 16);  // heads are as large as in the first layer
  EXPECT_FLOAT_EQ(attention_of(*spec, 1).scale, 0.25F);
  EXPECT_EQ(std::get<GatedSpec>(spec->layers[1].feed_forward).n_ff, 96);

  model.arrays["feed_forward_length"] = {64, 96, 64};
  EXPECT_THAT(error_of(model).message,
              HasSubstr("'llama.feed_forward_length': has 3 values; the model has 2 layers"));
}

}  // namespace
}  // namespace hearth
