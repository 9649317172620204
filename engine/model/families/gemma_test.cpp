// What the later generations of Gemma read from their metadata.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/model/families/hyperparameters.h"
#include "engine/model/network.h"
#include "engine/model/tiny_model.h"

namespace hearth {
namespace {

using families::attention_of;
using testing::fault_of;
using ::testing::HasSubstr;
using testing::TinyModel;

TinyModel gemma3n_of(uint32_t n_layer) {
  TinyModel model;
  model.architecture = "gemma3n";
  model.integers["block_count"] = n_layer;
  model.integers["attention.sliding_window"] = 16;
  return model;
}

TinyModel gemma4_of(std::vector<int32_t> slides) {
  TinyModel model;
  model.architecture = "gemma4";
  model.integers["block_count"] = static_cast<uint32_t>(slides.size());
  model.integers["attention.sliding_window"] = 16;
  model.integers["attention.key_length_swa"] = 8;
  model.integers["attention.value_length_swa"] = 8;
  model.integers["rope.dimension_count_swa"] = 8;
  model.integers["embedding_length_per_layer_input"] = 0;
  model.arrays["attention.sliding_window_pattern"] = std::move(slides);
  return model;
}

TEST(Gemma3n, LayersBeyondTheTwentiethReadThoseBeforeThatSlideAsTheyDo) {
  const auto spec = spec_of(gemma3n_of(25));
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_FALSE(attention_of(spec->layers[19]).shared_kv);
  EXPECT_EQ(attention_of(spec->layers[20]).shared_kv, 18);
  EXPECT_EQ(attention_of(spec->layers[24]).shared_kv, 19);
  EXPECT_EQ(make_network(*spec)->states().kv.size(), 20U) << "the others take no memory";
}

TEST(Gemma3n, TheFileSaysHowManyLayersShare) {
  TinyModel model = gemma3n_of(10);
  model.integers["attention.shared_kv_layers"] = 5;
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_EQ(attention_of(spec->layers[5]).shared_kv, 3);
  EXPECT_EQ(attention_of(spec->layers[9]).shared_kv, 4);

  model.integers["attention.shared_kv_layers"] = 7;  // none of the first three sees everything
  EXPECT_THAT(fault_of(model), HasSubstr("'gemma3n.attention.shared_kv_layers': layer 4"));
  model.integers["attention.shared_kv_layers"] = 11;
  EXPECT_THAT(fault_of(model), HasSubstr("'gemma3n.attention.shared_kv_layers'"));
}

TEST(Gemma3n, ItsFirstTenLayersAreSparseWhereTheFileDoesNotSay) {
  const auto spec = spec_of(gemma3n_of(12));
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_NEAR(std::get<SparseGatedSpec>(spec->layers[9].feed_forward).deviations, 1.6448536, 1e-6);
  EXPECT_TRUE(std::holds_alternative<GatedSpec>(spec->layers[10].feed_forward));
}

TEST(Gemma3n, RefusesStreamsThatAreNotThere) {
  TinyModel model = gemma3n_of(2);
  model.integers["altup.num_inputs"] = 1;
  EXPECT_THAT(fault_of(model), HasSubstr("'gemma3n.altup.num_inputs'"));
  model.integers["altup.num_inputs"] = 3;
  model.integers["altup.active_idx"] = 3;
  EXPECT_THAT(fault_of(model), HasSubstr("'gemma3n.altup.active_idx'"));
  model.integers["altup.active_idx"] = 2;
  EXPECT_TRUE(spec_of(model).ok());
}

TEST(Gemma3n, RefusesASparsityOfOtherLayers) {
  TinyModel model = gemma3n_of(3);
  model.arrays["activation_sparsity_scale"] = {1, 1};
  EXPECT_THAT(fault_of(model), HasSubstr("'gemma3n.activation_sparsity_scale'"));
}

TEST(Gemma4, SlidingLayersHaveHeadsOfTheirOwn) {
  const auto spec = spec_of(gemma4_of({1, 0}));
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_EQ(attention_of(spec->layers[0]).key_dimension, 8);
  EXPECT_EQ(attention_of(spec->layers[0]).window, 16);
  EXPECT_FALSE(attention_of(spec->layers[0]).rope.uses_factors);
  EXPECT_EQ(attention_of(spec->layers[1]).key_dimension, 16);
  EXPECT_EQ(attention_of(spec->layers[1]).window, 0);
}

TEST(Gemma4, RefusesValuesThatTheirKeysCouldNotBe) {
  TinyModel model = gemma4_of({1, 0});
  model.integers["attention.value_length_swa"] = 4;
  EXPECT_THAT(fault_of(model), HasSubstr("'gemma4.attention.value_length'"));
}

TEST(Gemma4, NamesAMissingPattern) {
  TinyModel model = gemma4_of({1, 0});
  model.arrays.clear();
  EXPECT_THAT(fault_of(model), HasSubstr("'gemma4.attention.sliding_window_pattern': is missing"));
}

TEST(GemmaEmbedding, SeesBothWays) {
  TinyModel model;
  model.architecture = "gemma-embedding";
  model.integers["attention.sliding_window"] = 16;
  const auto spec = spec_of(model);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_TRUE(spec->is_encoder());
}

}  // namespace
}  // namespace hearth
