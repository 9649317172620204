#include "engine/runtime/memory_need.h"

#include <algorithm>

#include "engine/model/network.h"
#include "engine/options/load_options.h"

namespace hearth {
namespace {

/// Bytes of one row in the workspace of a forward pass.
uint64_t row_bytes(const Network& network) {
  return static_cast<uint64_t>(network.workspace_columns()) * sizeof(float);
}

}  // namespace

int32_t default_context_size(const ModelSpec& spec) {
  // Of an encoder-decoder the length is that of a text, and its answer's beside it.
  const int64_t trained = int64_t{spec.context_length} * (spec.is_encoder_decoder() ? 2 : 1);
  return trained > 0 ? static_cast<int32_t>(std::clamp<int64_t>(trained, 512, 4096)) : 4096;
}

int32_t possible_context_size(const ModelSpec& spec, int32_t wanted) {
  for (const int32_t positions : {spec.embedding.positions, spec.most_positions}) {
    if (positions > 0) wanted = std::min(wanted, positions);
  }
  return wanted;
}

int32_t default_batch_rows(const Network& network) {
  constexpr uint64_t kActivationBytes = 24 << 20;
  return static_cast<int32_t>(std::clamp<uint64_t>(kActivationBytes / row_bytes(network) / 32 * 32, 32, 512));
}

int32_t default_cache_positions(const ModelSpec& spec, int32_t context_size, int32_t batch_rows) {
  if (!spec.is_encoder()) return context_size;
  return std::max(context_size, batch_rows / 8 * kPagePositions);
}

int32_t default_slots(const StatePlan& plan, int32_t max_sequences) {
  constexpr uint64_t kBytes = 256 << 20;
  const uint64_t slot_bytes = plan.whole_slot_bytes();
  if (slot_bytes == 0) return 0;
  const auto most = static_cast<uint64_t>(max_sequences) * 2;
  return static_cast<int32_t>(std::min(std::max<uint64_t>(kBytes / slot_bytes, 4), most));
}

MemoryNeed memory_need(const ModelSpec& spec, uint64_t weights, int32_t context_size, BlockType kv_type) {
  const std::unique_ptr<Network> network = make_network(spec);
  const int32_t batch_rows = default_batch_rows(*network);
  // An encoder reads a text as a whole.
  const auto rows = static_cast<uint64_t>(spec.has_encoder() ? std::max(batch_rows, context_size)
                                                             : std::min(batch_rows, context_size));
  const int32_t positions = default_cache_positions(spec, context_size, batch_rows);
  const StatePlan& states = network->states();
  const auto slots = static_cast<uint64_t>(default_slots(states, LoadOptions().max_sequences));
  return {weights, states.kv_bytes(positions, kv_type) + (slots + 1) * states.whole_slot_bytes(),
          rows * row_bytes(*network) + static_cast<uint64_t>(spec.n_vocab()) * sizeof(float)};
}

}  // namespace hearth
