#include "engine/model/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/model/families/family.h"
#include "engine/model/tiny_model.h"

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
  const auto weights = Weights::bind(*file, *spec);
  if (!weights.ok()) return weights.error();
  ADD_FAILURE() << "the model loads";
  return {ErrorCode::kInternal, ""};
}

TEST(Weights, BindsMatricesWhereTheFileHasThem) {
  const auto file = TinyModel().open();
  ASSERT_TRUE(file.ok()) << file.error().message;
  auto spec = read_model_spec(file->metadata());
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  const auto weights = Weights::bind(*file, *spec);
  ASSERT_TRUE(weights.ok()) << weights.error().message;
  EXPECT_EQ(spec->n_vocab, 40);
  const TensorPlace place = file->find_tensor("blk.1.attn_k.weight");
  EXPECT_EQ((*(*weights)->layer(1))->key.weight.data,
            place.part->source().mapped().data() + place.tensor->offset);
  EXPECT_EQ((*weights)->output().weight.data, (*weights)->token_embedding().data) << "no output matrix: tied";
}

TEST(Weights, ReadsSourcesThatCannotBeMapped) {
  auto bytes = TinyModel().bytes();
  ASSERT_TRUE(bytes.ok());
  const auto memory = own_memory(std::move(*bytes));
  const auto reader =
      read_with([&](uint64_t offset, std::span<std::byte> into) { return memory->read(offset, into).ok(); },
                memory->size(), "host");
  const auto mapped = ModelFile::open({memory});
  const auto read = ModelFile::open({reader});
  ASSERT_TRUE(read.ok()) << read.error().message;
  auto spec = read_model_spec(read->metadata());
  const auto in_place = Weights::bind(*mapped, *spec);
  const auto copied = Weights::bind(*read, *spec);
  ASSERT_TRUE(copied.ok()) << copied.error().message;
  const Weight a = (*(*in_place)->layer(0))->down.weight;
  const Weight b = (*(*copied)->layer(0))->down.weight;
  EXPECT_NE(a.data, b.data);
  EXPECT_EQ(std::memcmp(a.data, b.data, static_cast<size_t>(a.rows * a.row_bytes())), 0);
}

TEST(Weights, ReadsLayersBeyondTheMemoryLimitWhenTheyAreUsed) {
  auto bytes = TinyModel().bytes();
  ASSERT_TRUE(bytes.ok());
  const auto memory = own_memory(std::move(*bytes));
  bool readable = true;
  const auto reader = read_with(
      [&](uint64_t offset, std::span<std::byte> into) { return readable && memory->read(offset, into).ok(); },
      memory->size(), "host");
  const auto file = ModelFile::open({reader});
  ASSERT_TRUE(file.ok()) << file.error().message;
  auto spec = read_model_spec(file->metadata());
  const auto whole = Weights::bind(*file, *spec);
  // All but a byte: one layer has to come and go.
  const auto streamed = Weights::bind(*file, *spec, nullptr, memory->size() - 1);
  ASSERT_TRUE(streamed.ok()) << streamed.error().message;
  EXPECT_LT((*streamed)->statistics().layers_resident, spec->n_layer);
  for (int round = 0; round < 2; ++round) {
    for (int32_t index = 0; index < spec->n_layer; ++index) {
      const Weight wanted = (*(*whole)->layer(index))->down.weight;
      const Result<LayerLease> layer = (*streamed)->layer(index);
      ASSERT_TRUE(layer.ok()) << layer.error().message;
      EXPECT_EQ(std::memcmp((*layer)->down.weight.data, wanted.data,
                            static_cast<size_t>(wanted.rows * wanted.row_bytes())),
                0);
    }
  }
  EXPECT_GT((*streamed)->statistics().bytes_read, 0U);

  readable = false;
  const auto failed = Weights::bind(*file, *spec, nullptr, 1);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::kOutOfMemory);
  bool all_there = true;
  for (int32_t index = 0; index < spec->n_layer; ++index) all_there &= (*streamed)->layer(index).ok();
  EXPECT_EQ(all_there, (*streamed)->statistics().layers_resident == spec->n_layer - 1);
}

TEST(Weights, NamesAMissingTensor) {
  TinyModel model;
  model.tensors.erase("blk.1.ffn_down.weight");
  const Error error = load_error(model);
  EXPECT_EQ(error.code, ErrorCode::kInvalidModel);
  EXPECT_THAT(error.message, HasSubstr("'blk.1.ffn_down.weight': is missing"));
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

TEST(Weights, TakesNoMemoryForLayersThatAreNotThere) {
  TinyModel model;
  model.integers["block_count"] = 4000;
  EXPECT_THAT(load_error(model).message, HasSubstr("block_count 4000"));
}

TEST(Weights, CanBeCancelled) {
  const auto file = TinyModel().open();
  auto spec = read_model_spec(file->metadata());
  const auto weights = Weights::bind(*file, *spec, [](uint64_t, uint64_t) { return false; });
  ASSERT_FALSE(weights.ok());
  EXPECT_EQ(weights.error().code, ErrorCode::kAborted);
}

}  // namespace
}  // namespace hearth
