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

/// Of a decoder of that width, with a state of 10 MiB in each of its layers and nothing else that it
/// remembers.
ModelSpec mamba() {
  ModelSpec spec;
  spec.context_length = 1 << 20;
  spec.embedding = {50280, 2560};
  MambaSpec mixer;
  mixer.n_inner = 5120;
  mixer.n_state = 512;
  mixer.n_step = 160;
  mixer.n_head = 5120;
  mixer.n_tap = 4;
  spec.layers.assign(4, {mixer, std::monostate{}, {}});
  return spec;
}

LoadOptions options_of(int32_t context_size, BlockType kv_type = BlockType::kF16) {
  LoadOptions options;
  options.context_size = context_size;
  options.kv_type = kv_type;
  return options;
}

LoadOptions completed(const ModelSpec& spec, const LoadOptions& options = {}) {
  return complete_options(options, spec, *make_network(spec));
}

TEST(MemoryNeed, CountsKeysAndValuesOfAFullContext) {
  // 32 layers * 8 heads * (128 + 128) values of 2 bytes are 128 KiB a position.
  const MemoryNeed need = memory_need(llama_8b(), 5'000'000'000, options_of(4096));
  EXPECT_EQ(need.keys_and_values, uint64_t{4096} * 128 * 1024);
  EXPECT_EQ(need.total(), need.weights + need.cache() + need.activations);
  EXPECT_EQ(memory_need(llama_8b(), 0, options_of(4096, BlockType::kF32)).cache(), 2 * need.cache());
}

TEST(MemoryNeed, CountsTheStatesOfTheSequencesThatRun) {
  const uint64_t state = make_network(mamba())->states().whole_slot_bytes();
  LoadOptions options;
  for (const int32_t sequences : {1, 2}) {
    options.max_sequences = sequences;
    const MemoryNeed need = memory_need(mamba(), 0, options);
    EXPECT_EQ(need.states, (2 * static_cast<uint64_t>(sequences) + 1) * state);
    EXPECT_EQ(need.cache(), need.states);
  }
}

TEST(MemoryNeed, KeepsActivationsOfALargeModelWithin24MiB) {
  EXPECT_EQ(default_batch_rows(*make_network(llama_8b())), 224);
  EXPECT_LE(memory_need(llama_8b(), 0, options_of(4096)).activations, uint64_t{25} << 20);
}

TEST(MemoryNeed, AnEncodersLayersShareOnePlaceForKeysAndValuesAndATextIsReadAsAWhole) {
  ModelSpec encoder = llama_8b();
  for (LayerSpec& layer : encoder.layers) std::get<AttentionSpec>(layer.mixer).causal = false;
  const MemoryNeed need = memory_need(encoder, 0, options_of(4096));
  const MemoryNeed of_decoder = memory_need(llama_8b(), 0, options_of(4096));
  EXPECT_EQ(need.cache() * 32, of_decoder.cache());
  EXPECT_GT(need.activations, 10 * of_decoder.activations);
  LoadOptions options = options_of(512);
  options.max_batch_rows = 512;
  EXPECT_EQ(completed(encoder, options).cache_positions, 4096) << "64 texts of a page each";
  EXPECT_EQ(completed(llama_8b(), options).cache_positions, 512);
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

TEST(CompleteOptions, FewerSequencesRunWhereTheStateOfEachIsLarge) {
  const auto run_at_once = [](int32_t wanted) {
    LoadOptions options;
    options.max_sequences = wanted;
    return completed(mamba(), options).max_sequences;
  };
  EXPECT_EQ(run_at_once(32), 3) << "6 states of 40 MiB are within 256 MiB";
  EXPECT_EQ(run_at_once(1), 1);
  EXPECT_EQ(completed(llama_8b()).max_sequences, 32);
}

TEST(CompleteOptions, AContextIsWhatTheModelWasTrainedForWithin512And4096) {
  ModelSpec spec = llama_8b();
  EXPECT_EQ(completed(spec).context_size, 4096);
  spec.context_length = 2048;
  EXPECT_EQ(completed(spec).context_size, 2048);
  spec.context_length = 128;
  EXPECT_EQ(completed(spec).context_size, 512);
}

TEST(CompleteOptions, AContextThatTakesNoMemoryIsAsLongAsTheModelSays) {
  ModelSpec spec = mamba();
  EXPECT_EQ(completed(spec).context_size, 1 << 20);
  spec.context_length = INT32_MAX;
  EXPECT_EQ(completed(spec).context_size, 1 << 20);
  spec.context_length = 32768;
  EXPECT_EQ(completed(spec).context_size, 32768);
  spec.layers.push_back(llama_8b().layers.front());
  EXPECT_EQ(completed(spec).context_size, 4096) << "one layer has keys and values";
}

TEST(CompleteOptions, TextsWhosePositionsTakeNoMemoryDoNotWaitForThem) {
  EXPECT_EQ(completed(mamba(), options_of(2048)).cache_positions, 3 * 2048);
  EXPECT_EQ(completed(mamba(), options_of(1 << 19)).cache_positions, 1 << 20);
  EXPECT_EQ(completed(mamba(), options_of(1 << 21)).cache_positions, 1 << 21);
  EXPECT_EQ(completed(llama_8b(), options_of(2048)).cache_positions, 2048);
}

TEST(CompleteOptions, AContextGoesNoFurtherThanItsModel) {
  ModelSpec spec = llama_8b();
  spec.most_positions = 2048;
  EXPECT_EQ(completed(spec, options_of(100000)).context_size, 2048);
  EXPECT_EQ(completed(spec, options_of(100)).context_size, 100);
}

}  // namespace
}  // namespace hearth
