#include "engine/runtime/memory_need.h"

#include <algorithm>
#include <memory>

namespace hearth {
namespace {

/// Bytes of one row in the workspace of a forward pass.
uint64_t row_bytes(const Network& network) {
  return static_cast<uint64_t>(network.workspace_columns()) * sizeof(float);
}

/// Whether what is remembered of a text grows with it.
bool grows(const StatePlan& states) { return !states.kv.empty(); }

/// Positions of all texts of a network whose states do not grow with them: they take what keeps their tokens,
/// which are some megabytes, however many run.
constexpr int32_t kFreePositions = 1 << 20;

int32_t default_context_size(const ModelSpec& spec, const StatePlan& states) {
  // Of an encoder-decoder the length is that of a text, and its answer's beside it.
  const int64_t trained = int64_t{spec.context_length} * (spec.is_encoder_decoder() ? 2 : 1);
  const int32_t most = grows(states) ? 4096 : kFreePositions;
  return trained > 0 ? static_cast<int32_t>(std::clamp<int64_t>(trained, 512, most)) : most;
}

/// `wanted`, or where the model goes less far, so many.
int32_t possible_context_size(const ModelSpec& spec, int32_t wanted) {
  for (const int32_t positions : {spec.embedding.positions, spec.most_positions}) {
    if (positions > 0) wanted = std::min(wanted, positions);
  }
  return wanted;
}

/// An encoder's texts are short and take a page each, whose memory all layers share: enough for a batch of
/// texts of eight tokens.
int32_t default_cache_positions(const ModelSpec& spec, const StatePlan& states, const LoadOptions& options) {
  if (spec.sees_both_ways())
    return std::max(options.context_size, options.max_batch_rows / 8 * kPagePositions);
  if (grows(states)) return options.context_size;
  const int64_t all = int64_t{options.context_size} * options.max_sequences;
  return std::max(options.context_size, static_cast<int32_t>(std::min<int64_t>(all, kFreePositions)));
}

}  // namespace

int32_t default_batch_rows(const Network& network, bool gpu_streaming) {
  const uint64_t activation_bytes = gpu_streaming ? 96 << 20 : 24 << 20;
  return static_cast<int32_t>(std::clamp<uint64_t>(activation_bytes / row_bytes(network) / 32 * 32, 32, 512));
}

int32_t default_slots(const StatePlan& plan, int32_t max_sequences) {
  constexpr uint64_t kBytes = 256 << 20;
  const uint64_t slot_bytes = plan.whole_slot_bytes();
  if (slot_bytes == 0) return 0;
  const auto most = static_cast<uint64_t>(max_sequences) * 2;
  return static_cast<int32_t>(std::min(std::max<uint64_t>(kBytes / slot_bytes, 4), most));
}

LoadOptions complete_options(LoadOptions options, const ModelSpec& spec, const Network& network) {
  const StatePlan& states = network.states();
  if (options.context_size == 0) options.context_size = default_context_size(spec, states);
  options.context_size = possible_context_size(spec, options.context_size);
  if (options.max_batch_rows == 0)
    options.max_batch_rows = default_batch_rows(network, options.gpu_streaming);
  // Every generation must have its one row in a batch; and a slot, with one more for what is kept of it.
  options.max_sequences = std::min(options.max_sequences, options.max_batch_rows);
  if (const int32_t slots = default_slots(states, options.max_sequences); slots > 0)
    options.max_sequences = slots / 2;
  if (options.cache_positions == 0) {
    options.cache_positions = default_cache_positions(spec, states, options);
  }
  return options;
}

MemoryNeed memory_need(const ModelSpec& spec, uint64_t weights, const LoadOptions& options) {
  const std::unique_ptr<Network> network = make_network(spec);
  const LoadOptions completed = complete_options(options, spec, *network);
  // Some read a text as a whole.
  const auto rows =
      static_cast<uint64_t>(spec.reads_whole() ? std::max(completed.max_batch_rows, completed.context_size)
                                               : std::min(completed.max_batch_rows, completed.context_size));
  const int32_t positions = std::min(completed.cache_positions, INT32_MAX - kPagePositions);
  const StatePlan& states = network->states();
  MemoryNeed need;
  need.weights = weights;
  need.keys_and_values = states.kv_bytes(positions, completed.kv_type);
  // One more stands for a sequence that has read nothing.
  const uint64_t slots = 2 * static_cast<uint64_t>(completed.max_sequences) + 1;
  need.states = slots * states.whole_slot_bytes();
  need.activations = rows * row_bytes(*network) + static_cast<uint64_t>(spec.n_vocab()) * sizeof(float);
  return need;
}

}  // namespace hearth
