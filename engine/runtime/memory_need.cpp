#include "engine/runtime/memory_need.h"

#include <algorithm>

#include "engine/compute/kv_layout.h"

namespace hearth {
namespace {

/// Bytes of one row in the workspace of a forward pass (engine/model/forward.h).
uint64_t row_bytes(const ModelSpec& spec) {
  const int64_t values = 3 * spec.n_embd + spec.query_width() + spec.key_width() + spec.value_width() +
                         spec.attention_width() + std::max(spec.n_ff, spec.experts.n_ff);
  return static_cast<uint64_t>(values) * sizeof(float);
}

}  // namespace

int32_t default_context_size(const ModelSpec& spec) {
  return spec.context_length > 0 ? std::clamp(spec.context_length, 512, 4096) : 4096;
}

int32_t default_batch_rows(const ModelSpec& spec) {
  constexpr uint64_t kActivationBytes = 24 << 20;
  return static_cast<int32_t>(std::clamp<uint64_t>(kActivationBytes / row_bytes(spec) / 32 * 32, 32, 512));
}

MemoryNeed memory_need(const ModelSpec& spec, uint64_t file_size, int32_t context_size, BlockType kv_type) {
  const KvLayout layout{kv_type,
                        spec.n_layer,
                        spec.n_head_kv,
                        spec.key_dimension,
                        spec.value_dimension,
                        (context_size + kPagePositions - 1) / kPagePositions};
  const auto rows = static_cast<uint64_t>(std::min(default_batch_rows(spec), context_size));
  return {file_size, layout.total_bytes(),
          rows * row_bytes(spec) + static_cast<uint64_t>(spec.n_vocab) * sizeof(float)};
}

}  // namespace hearth
