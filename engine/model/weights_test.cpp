#include "engine/model/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <span>
#include <vector>

#include "engine/compute/devices.h"
#include "engine/compute/weights/host_weights.h"
#include "engine/model/families/family.h"
#include "engine/model/tiny_model.h"
#include "engine/model/weight_binder.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;
using testing::TinyModel;

/// The error that loading the model ends with; fails the test if there is none.
Error load_error(const TinyModel& model) {
  const auto file = model.open();
  if (!file.ok()) return file.error();
  auto spec = read_model_spec(file->metadata());
  if (!spec.ok()) return spec.error();
  const auto backend = make_backend({});
  const auto bound = bind_network(*file, *spec, **backend);
  if (!bound.ok()) return bound.error();
  ADD_FAILURE() << "the model loads";
  return {ErrorCode::kInternal, ""};
}

TEST(Weights, BindsMatricesWhereTheFileHasThem) {
  const auto file = TinyModel().open();
  ASSERT_TRUE(file.ok()) << file.error().message;
  const auto store = make_host_weights({});
  ASSERT_TRUE(store.ok());
  const BindProgress progress;
  WeightBinder binder(*file, "llama", progress, **store);
  Weight key;
  Linear query;
  binder.enter(1);
  binder.matrix("attn_k.weight", 16, 32, key);
  binder.linear("attn_q", 32, 32, query);
  const TensorPlace place = file->find_tensor("blk.1.attn_k.weight");
  EXPECT_EQ(key.data.block, place.part->source().mapped().data() + place.tensor->offset);
  EXPECT_TRUE(query.weight);
  EXPECT_FALSE(query.bias) << "the file has none";
}

TEST(Weights, TheVocabularyIsAsLargeAsTheTokenEmbedding) {
  const auto file = TinyModel().open();
  auto spec = read_model_spec(file->metadata());
  const auto backend = make_backend({});
  ASSERT_TRUE(bind_network(*file, *spec, **backend).ok());
  EXPECT_EQ(spec->n_vocab(), 40);
}

TEST(Weights, NamesAMissingTensor) {
  TinyModel model;
  model.tensors.erase("blk.1.ffn_down.weight");
  const Error error = load_error(model);
  EXPECT_EQ(error.code, ErrorCode::kInvalidModel);
  EXPECT_THAT(error.message, HasSubstr("'blk.1.ffn_down.weight': is missing"));
}

TEST(Weights, NamesAMissingGateAndNotTheMatrixBesideIt) {
  TinyModel model;
  model.tensors.erase("blk.1.ffn_gate.weight");
  EXPECT_THAT(load_error(model).message, HasSubstr("'blk.1.ffn_gate.weight': is missing"));
}

TEST(Weights, NamesAVectorThatNothingCanBeMadeOf) {
  TinyModel model;
  model.tensors["blk.0.ffn.act.scales"] = {64};
  const auto file = model.open();
  const auto store = make_host_weights({});
  const BindProgress progress;
  WeightBinder binder(*file, "llama", progress, **store);
  Vector halves, nothing;
  binder.enter(0);
  const auto scaled_by = [](float factor) {
    return [factor](std::span<const float> values) {
      std::vector<float> made;
      for (const float value : values) made.push_back(value * factor);
      return made;
    };
  };
  binder.made("ffn.act.scales", {64}, scaled_by(0.5F), halves);
  ASSERT_TRUE(halves);
  EXPECT_FLOAT_EQ(*static_cast<const float*>(halves.data.block), 0.0005F);
  binder.made("ffn.act.scales", {64}, scaled_by(std::numeric_limits<float>::infinity()), nothing);
  const auto outcome = binder.finish();
  ASSERT_FALSE(outcome.ok());
  EXPECT_THAT(outcome.error().message, HasSubstr("'blk.0.ffn.act.scales': holds a number"));
}

TEST(Weights, NamesAShapeThatContradictsTheMetadata) {
  TinyModel model;
  model.tensors["blk.0.attn_q.weight"] = {32, 48};
  const Error error = load_error(model);
  EXPECT_EQ(error.code, ErrorCode::kInvalidModel);
  EXPECT_THAT(error.message,
              HasSubstr("'blk.0.attn_q.weight': has shape [32, 48]; the metadata calls for [32, 32]"));
}

TEST(Weights, RefusesATensorThatItWouldNotUse) {
  TinyModel model;
  model.tensors["blk.0.attn_sinks.weight"] = {32};
  const Error error = load_error(model);
  EXPECT_EQ(error.code, ErrorCode::kUnsupportedModel);
  EXPECT_THAT(error.message, HasSubstr("'blk.0.attn_sinks.weight'"));
}

TEST(Weights, PassesOverTheLayersThatGuessTokensFurtherOn) {
  TinyModel model;
  model.tensors["blk.2.attn_norm.weight"] = {32};
  model.tensors["blk.2.nextn.eh_proj.weight"] = {64, 32};
  const auto file = model.open();
  auto spec = read_model_spec(file->metadata());
  spec->n_layer_nextn = 1;
  const auto backend = make_backend({});
  const auto bound = bind_network(*file, *spec, **backend);
  EXPECT_TRUE(bound.ok()) << bound.error().message;

  model.tensors["blk.3.attn_norm.weight"] = {32};
  const auto with_more = model.open();
  EXPECT_FALSE(bind_network(*with_more, *spec, **backend).ok());
}

TEST(Weights, TakesNoMemoryForLayersThatAreNotThere) {
  TinyModel model;
  model.integers["block_count"] = 4000;
  EXPECT_THAT(load_error(model).message, HasSubstr("'llama.block_count': 4000"));
}

TEST(Weights, CanBeCancelled) {
  const auto file = TinyModel().open();
  auto spec = read_model_spec(file->metadata());
  const auto backend = make_backend({});
  const auto bound = bind_network(*file, *spec, **backend, [](uint64_t, uint64_t) { return false; });
  ASSERT_FALSE(bound.ok());
  EXPECT_EQ(bound.error().code, ErrorCode::kAborted);
}

}  // namespace
}  // namespace hearth
