#include "engine/runtime/memory_need.h"

#include <gtest/gtest.h>

namespace hearth {
namespace {

/// The shape of Llama 3.1 8B.
ModelSpec llama_8b() {
  AttentionSpec attention;
  attention.n_head = 32;
  attention.n_head_kv = 8;
  attention.key_dimension = attention.value_dimension = 128;
  ModelSpec spec;
  spec.context_length = 131072;
  spec.embedding = {128256, 4096};
  spec.layers.assign(32, {attention, GatedSpec{14336}, {}});
  return spec;
}

TEST(MemoryNeed, CountsKeysAndValuesOfAFullContext) {
  // 32 layers * 8 heads * (128 + 128) values of 2 bytes are 128 KiB a position.
  const MemoryNeed need = memory_need(llama_8b(), 5'000'000'000, 4096, BlockType::kF16);
  EXPECT_EQ(need.cache, uint64_t{4096} * 128 * 1024);
  EXPECT_EQ(need.total(), need.weights + need.cache + need.activations);
  EXPECT_EQ(memory_need(llama_8b(), 0, 4096, BlockType::kF32).cache, 2 * need.cache);
}

TEST(MemoryNeed, KeepsActivationsOfALargeModelWithin24MiB) {
  EXPECT_EQ(default_batch_rows(*make_network(llama_8b())), 224);
  EXPECT_LE(memory_need(llama_8b(), 0, 4096, BlockType::kF16).activations, uint64_t{25} << 20);
}

TEST(MemoryNeed, AnEncodersLayersShareOnePlaceForKeysAndValuesAndATextIsReadAsAWhole) {
  ModelSpec encoder = llama_8b();
  for (LayerSpec& layer : encoder.layers) std::get<AttentionSpec>(layer.mixer).causal = false;
  const MemoryNeed need = memory_need(encoder, 0, 4096, BlockType::kF16);
  EXPECT_EQ(need.cache * 32, memory_need(llama_8b(), 0, 4096, BlockType::kF16).cache);
  EXPECT_GT(need.activations, 10 * memory_need(llama_8b(), 0, 4096, BlockType::kF16).activations);
  EXPECT_EQ(default_cache_positions(encoder, 512, 512), 4096) << "64 texts of a page each";
  EXPECT_EQ(default_cache_positions(llama_8b(), 512, 512), 512);
}

TEST(MemoryNeed, StatesOfOneSizeAreAsManyAs256MiBHoldAndNoFewerThanForTwoSequences) {
  const auto slots_of = [](uint64_t bytes, int32_t max_sequences) {
    StatePlan plan;
    plan.add_slot(bytes);
    return default_slots(plan, max_sequences);
  };
  EXPECT_EQ(slots_of(3 << 20, 32), 64) << "two for each sequence";
  EXPECT_EQ(slots_of(32 << 20, 32), 8);
  EXPECT_EQ(slots_of(100 << 20, 32), 4);
  EXPECT_EQ(slots_of(100 << 20, 1), 2);
  EXPECT_EQ(default_slots({}, 32), 0);
}

TEST(MemoryNeed, AContextIsWhatTheModelWasTrainedForWithin512And4096ByDefault) {
  ModelSpec spec = llama_8b();
  EXPECT_EQ(default_context_size(spec), 4096);
  spec.context_length = 2048;
  EXPECT_EQ(default_context_size(spec), 2048);
  spec.context_length = 128;
  EXPECT_EQ(default_context_size(spec), 512);
}

TEST(MemoryNeed, AContextGoesNoFurtherThanItsModel) {
  ModelSpec spec = llama_8b();
  EXPECT_EQ(possible_context_size(spec, 100000), 100000);
  spec.most_positions = 2048;
  EXPECT_EQ(possible_context_size(spec, 100000), 2048);
  EXPECT_EQ(possible_context_size(spec, 100), 100);
}

}  // namespace
}  // namespace hearth
