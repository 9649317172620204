// How keys and values lie in memory: pages of a fixed number of positions, shared by all sequences.
//
// A layer's memory holds `page_count` pages. A page is, for each kv head in turn, `kPagePositions` keys of
// `key_dimension` elements; then likewise the values, unless these are parts of the keys (latent attention).
// So the keys that one head scans lie side by side; how they are arranged within their bytes is the backend's
// own choice. A sequence is a list of page numbers: its position n is slot n % kPagePositions of its page
// n / kPagePositions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/compute/tensor.h"
#include "engine/format/block_type.h"

namespace hearth {

/// 64 keys of 64 to 128 f16 elements are 8 to 16 KiB: a tile of keys that fits L1 beside its queries, while a
/// short chat wastes at most 63 positions.
inline constexpr int32_t kPagePositions = 64;

/// How many pages hold so many positions of one sequence.
constexpr int32_t pages_for(int64_t positions) {
  return static_cast<int32_t>((positions + kPagePositions - 1) / kPagePositions);
}

/// Of one layer; layers may differ.
struct KvLayout {
  BlockType type = BlockType::kF16;  // F32, F16, Q8_0 or Q4_0 (dimensions are then multiples of 32)
  int32_t n_head_kv = 0;
  int32_t key_dimension = 0;    // per head
  int32_t value_dimension = 0;  // per head
  int32_t page_count = 0;
  bool values_in_keys =
      false;  // a value is the first value_dimension elements of its key, and not stored again

  uint64_t key_bytes() const { return bytes_of(type, static_cast<uint64_t>(key_dimension)); }
  uint64_t value_bytes() const { return bytes_of(type, static_cast<uint64_t>(value_dimension)); }
  /// That a position takes in one head.
  uint64_t position_bytes() const { return key_bytes() + (values_in_keys ? 0 : value_bytes()); }
  /// Bytes of one page.
  uint64_t page_bytes() const { return static_cast<uint64_t>(n_head_kv) * kPagePositions * position_bytes(); }
  uint64_t total_bytes() const { return page_bytes() * static_cast<uint64_t>(page_count); }

  /// Where a head's keys (or values) of one page begin, from the start of the memory.
  uint64_t key_offset(int32_t page, int32_t head) const {
    return static_cast<uint64_t>(page) * page_bytes() +
           static_cast<uint64_t>(head) * kPagePositions * key_bytes();
  }
  /// Not where values lie in their keys.
  uint64_t value_offset(int32_t page, int32_t head) const {
    return key_offset(page, 0) + static_cast<uint64_t>(n_head_kv) * kPagePositions * key_bytes() +
           static_cast<uint64_t>(head) * kPagePositions * value_bytes();
  }
};

/// The keys and values of one layer, of all sequences.
struct KvPages {
  KvLayout layout;
  Buffer memory;  // layout.total_bytes()
};

}  // namespace hearth
