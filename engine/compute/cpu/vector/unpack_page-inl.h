// Unpacking a page of keys or values to f32 (arranged as kv_pages.h says). Needs F32.
#pragma once

#include <cstdint>

#include "engine/compute/cpu/kv_pages.h"
#include "engine/compute/cpu/vector/prefetch-inl.h"
#include "engine/compute/cpu/vector/vector_kernels.h"

namespace hearth::cpu {
namespace {

/// `count` elements of F32 or F16.
template <typename Element>
inline void unpack_elements(const Element* from, int64_t count, const std::byte* ahead, float* out) {
  int64_t i = 0;
  for (; i + F32::kWidth <= count; i += F32::kWidth) {
    prefetch(ahead, i * static_cast<int64_t>(sizeof(Element)), F32::kWidth * sizeof(Element));
    store(out + i, load(from + i));
  }
  if (i < count) store_partial(out + i, load_partial(from + i, count - i), count - i);
}

/// A register of numbers of Q8_0, or two of Q4_0's: of the low nibbles and of the high ones.
inline void load_numbers(const int8_t* from, F32 (&numbers)[1]) { numbers[0] = load(from); }
inline void load_numbers(const uint8_t* from, F32 (&numbers)[2]) {
  numbers[0] = load_low_nibbles(from) - broadcast(8.0F);
  numbers[1] = load_high_nibbles(from) - broadcast(8.0F);
}

/// Halves: 1 for Q8_0, whose blocks store kKvBlock bytes; 2 for Q4_0, whose blocks store half as many.
template <int Halves, typename Number>
inline void unpack_key_blocks(const PageAttention& page, float* out) {
  constexpr int64_t kStored = kKvBlock / Halves;
  const std::byte* block = page.keys;
  for (int64_t d = 0; d < page.key_dimension; d += kKvBlock) {
    const auto* const scales = reinterpret_cast<const uint16_t*>(block);
    const auto* const rows = reinterpret_cast<const Number*>(block + kPagePositions * sizeof(uint16_t));
    for (int64_t row = 0; row < kStored; ++row) {
      prefetch(page.values, reinterpret_cast<const std::byte*>(rows + row * kPagePositions) - page.keys,
               kPagePositions);
      for (int64_t slot = 0; slot < kPagePositions; slot += F32::kWidth) {
        F32 numbers[Halves];
        load_numbers(rows + row * kPagePositions + slot, numbers);
        for (int64_t half = 0; half < Halves; ++half) {
          store(out + (d + half * kStored + row) * kPagePositions + slot,
                numbers[half] * load(scales + slot));
        }
      }
    }
    block = reinterpret_cast<const std::byte*>(rows + kStored * kPagePositions);
  }
}

template <int Halves, typename Number>
inline void unpack_value_blocks(const PageAttention& page, int64_t first, int64_t end, float* out) {
  constexpr int64_t kStored = kKvBlock / Halves;
  constexpr int64_t kBlockBytes = static_cast<int64_t>(sizeof(uint16_t)) + kStored;
  const int64_t blocks_per_slot = page.value_dimension / kKvBlock;
  for (int64_t i = first * blocks_per_slot; i < end * blocks_per_slot; ++i) {
    const std::byte* const block = page.values + i * kBlockBytes;
    prefetch(page.next_keys, i * kBlockBytes, kBlockBytes);
    const F32 scale = broadcast(first_lane(load_partial(reinterpret_cast<const uint16_t*>(block), 1)));
    const auto* const stored = reinterpret_cast<const Number*>(block + sizeof(uint16_t));
    for (int64_t j = 0; j < kStored; j += F32::kWidth) {
      F32 numbers[Halves];
      load_numbers(stored + j, numbers);
      for (int64_t half = 0; half < Halves; ++half) {
        store(out + i * kKvBlock + half * kStored + j, numbers[half] * scale);
      }
    }
  }
}

/// out: [key_dimension, kPagePositions], turned as the page has them.
inline void unpack_keys(const PageAttention& page, float* out) {
  switch (page.type) {
    case BlockType::kQ8_0:
      return unpack_key_blocks<1, int8_t>(page, out);
    case BlockType::kQ4_0:
      return unpack_key_blocks<2, uint8_t>(page, out);
    default:
      return unpack_elements(reinterpret_cast<const uint16_t*>(page.keys),
                             page.key_dimension * kPagePositions, page.values, out);
  }
}

/// out: [kPagePositions, value_dimension], of which the slots from `first` to `end` are written.
inline void unpack_values(const PageAttention& page, int64_t first, int64_t end, float* out) {
  const int64_t dimension = page.value_dimension;
  switch (page.type) {
    case BlockType::kQ8_0:
      return unpack_value_blocks<1, int8_t>(page, first, end, out);
    case BlockType::kQ4_0:
      return unpack_value_blocks<2, uint8_t>(page, first, end, out);
    default:
      return unpack_elements(reinterpret_cast<const uint16_t*>(page.values) + first * dimension,
                             (end - first) * dimension, page.next_keys, out + first * dimension);
  }
}

}  // namespace
}  // namespace hearth::cpu
