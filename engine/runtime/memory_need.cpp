#include "engine/runtime/memory_need.h"

#include <algorithm>

#include "engine/model/network.h"

namespace hearth {
namespace {

/// Bytes of one row in the workspace of a forward pass.
uint64_t row_bytes(const Network& network) {
  return static_cast<uint64_t>(network.workspace_columns()) * sizeof(float);
}

}  // namespace

int32_t default_context_size(const ModelSpec& spec) {
  return spec.context_length > 0 ? std::clamp(spec.context_length, 512, 4096) : 4096;
}

int32_t default_batch_rows(const Network& network) {
  constexpr uint64_t kActivationBytes = 24 << 20;
  return static_cast<int32_t>(std::clamp<uint64_t>(kActivationBytes / row_bytes(network) / 32 * 32, 32, 512));
}

int32_t default_cache_positions(const ModelSpec& spec, int32_t context_size, int32_t batch_rows) {
  if (!spec.is_encoder()) return context_size;
  return std::max(context_size, batch_rows / 8 * kPagePositions);
}

MemoryNeed memory_need(const ModelSpec& spec, uint64_t file_size, int32_t context_size, BlockType kv_type) {
  const std::unique_ptr<Network> network = make_network(spec);
  const int32_t batch_rows = default_batch_rows(*network);
  // An encoder reads a text as a whole.
  const auto rows = static_cast<uint64_t>(spec.is_encoder() ? std::max(batch_rows, context_size)
                                                            : std::min(batch_rows, context_size));
  const int32_t positions = default_cache_positions(spec, context_size, batch_rows);
  return {file_size, network->states().kv_bytes(positions, kv_type),
          rows * row_bytes(*network) + static_cast<uint64_t>(spec.n_vocab()) * sizeof(float)};
}

}  // namespace hearth
