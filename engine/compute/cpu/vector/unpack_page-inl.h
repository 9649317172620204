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

/// What is read after a page's keys.
inline const std::byte* after_keys(const PageAttention& page) {
  return page.values != nullptr ? page.values : page.next_keys;
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
      prefetch(after_keys(page), reinterpret_cast<const std::byte*>(rows + row * kPagePositions) - page.keys,
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
    const F32 scale = broadcast_half(reinterpret_cast<const uint16_t*>(block));
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
                             page.key_dimension * kPagePositions, after_keys(page), out);
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

/// Four dimensions of four slots.
inline void turn_four_by_four(const float* keys, int64_t value_dimension, float* out) {
  // No alias: GCC ignores the attribute on one.
  typedef float Four __attribute__((vector_size(16)));  // NOLINT(modernize-use-using)
  Four rows[4];
  for (int64_t i = 0; i < 4; ++i) __builtin_memcpy(&rows[i], keys + i * kPagePositions, sizeof(Four));
  const Four low01 = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5);
  const Four high01 = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
  const Four low23 = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5);
  const Four high23 = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
  const Four turned[4] = {__builtin_shufflevector(low01, low23, 0, 1, 4, 5),
                          __builtin_shufflevector(low01, low23, 2, 3, 6, 7),
                          __builtin_shufflevector(high01, high23, 0, 1, 4, 5),
                          __builtin_shufflevector(high01, high23, 2, 3, 6, 7)};
  for (int64_t i = 0; i < 4; ++i) __builtin_memcpy(out + i * value_dimension, &turned[i], sizeof(Four));
}

/// From keys that are turned, dimension after dimension, to values, slot after slot: those of the slots from
/// `first` to `end` are written, and perhaps their neighbours'. A cache line of keys, 16 slots, at a time.
inline void turn_values(const float* keys, int64_t first, int64_t end, int64_t value_dimension, float* out) {
  constexpr int64_t kLine = 16;
  for (int64_t line = first / kLine * kLine; line < end; line += kLine) {
    int64_t d = 0;
    for (; d + 4 <= value_dimension; d += 4) {
      for (int64_t slot = line; slot < line + kLine; slot += 4) {
        turn_four_by_four(keys + d * kPagePositions + slot, value_dimension,
                          out + slot * value_dimension + d);
      }
    }
    for (; d < value_dimension; ++d) {
      for (int64_t slot = line; slot < line + kLine; ++slot) {
        out[slot * value_dimension + d] = keys[d * kPagePositions + slot];
      }
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
