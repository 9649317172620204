// Attention to one page of keys and values. Needs F32.
#pragma once

#include <cstdint>

#include "engine/compute/cpu/kv_pages.h"
#include "engine/compute/cpu/vector/elementwise-inl.h"
#include "engine/compute/cpu/vector/norm-inl.h"
#include "engine/compute/cpu/vector/product-inl.h"
#include "engine/compute/cpu/vector/vector_kernels.h"

namespace hearth::cpu {
namespace {

/// So few queries read an f16 page where it lies. More of them share a copy unpacked to f32, because every
/// kTileRows of them pass over it again.
constexpr int64_t kDirectRows = 2 * kTileRows;

/// A block's elements are `low` and, for Q4_0, `high` nibbles less 8, or signed bytes.
inline void unpack_numbers(BlockType type, const std::byte* numbers, int64_t i, F32& low, F32& high) {
  if (type == BlockType::kQ8_0) {
    low = load(reinterpret_cast<const int8_t*>(numbers) + i);
    return;
  }
  const auto* const nibbles = reinterpret_cast<const uint8_t*>(numbers) + i;
  low = load_low_nibbles(nibbles) - broadcast(8.0F);
  high = load_high_nibbles(nibbles) - broadcast(8.0F);
}

inline void unpack_plain(BlockType type, const std::byte* from, int64_t count, float* out) {
  int64_t i = 0;
  const auto* const f32 = reinterpret_cast<const float*>(from);
  const auto* const f16 = reinterpret_cast<const uint16_t*>(from);
  const bool wide = type == BlockType::kF32;
  for (; i + F32::kWidth <= count; i += F32::kWidth) store(out + i, wide ? load(f32 + i) : load(f16 + i));
  if (i == count) return;
  const int64_t rest = count - i;
  store_partial(out + i, wide ? load_partial(f32 + i, rest) : load_partial(f16 + i, rest), rest);
}

/// out: [key_dimension, kPagePositions], as the page has them.
inline void unpack_keys(const PageAttention& page, float* out) {
  if (page.type == BlockType::kF32 || page.type == BlockType::kF16) {
    return unpack_plain(page.type, page.keys, page.key_dimension * kPagePositions, out);
  }
  const bool nibbles = page.type == BlockType::kQ4_0;
  const int64_t stored_rows = nibbles ? kKvBlock / 2 : kKvBlock;  // of numbers, each of kPagePositions bytes
  const std::byte* block = page.keys;
  for (int64_t d = 0; d < page.key_dimension; d += kKvBlock) {
    const auto* const scales = reinterpret_cast<const uint16_t*>(block);
    const std::byte* const numbers = block + kPagePositions * sizeof(uint16_t);
    for (int64_t row = 0; row < stored_rows; ++row) {
      float* const to = out + (d + row) * kPagePositions;
      for (int64_t slot = 0; slot < kPagePositions; slot += F32::kWidth) {
        F32 low = zero();
        F32 high = zero();
        unpack_numbers(page.type, numbers + row * kPagePositions, slot, low, high);
        const F32 factors = load(scales + slot);
        store(to + slot, low * factors);
        if (nibbles) store(to + kKvBlock / 2 * kPagePositions + slot, high * factors);
      }
    }
    block = numbers + stored_rows * kPagePositions;
  }
}

/// out: [end, value_dimension], of which the slots from `first` on are written.
inline void unpack_values(const PageAttention& page, int64_t first, int64_t end, float* out) {
  const int64_t dimension = page.value_dimension;
  if (page.type == BlockType::kF32 || page.type == BlockType::kF16) {
    const int64_t element = page.type == BlockType::kF32 ? 4 : 2;
    return unpack_plain(page.type, page.values + first * dimension * element, (end - first) * dimension,
                        out + first * dimension);
  }
  const bool nibbles = page.type == BlockType::kQ4_0;
  const int64_t stored = nibbles ? kKvBlock / 2 : kKvBlock;
  const int64_t block_bytes = static_cast<int64_t>(sizeof(uint16_t)) + stored;
  const std::byte* block = page.values + first * (dimension / kKvBlock) * block_bytes;
  float* const last = out + end * dimension;
  for (float* to = out + first * dimension; to != last; to += kKvBlock, block += block_bytes) {
    const F32 factor = broadcast(first_lane(load_partial(reinterpret_cast<const uint16_t*>(block), 1)));
    for (int64_t i = 0; i < stored; i += F32::kWidth) {
      F32 low = zero();
      F32 high = zero();
      unpack_numbers(page.type, block + sizeof(uint16_t), i, low, high);
      store(to + i, low * factor);
      if (nibbles) store(to + kKvBlock / 2 + i, high * factor);
    }
  }
}

/// The slots that at least one row sees.
struct Slots {
  int64_t first = kPagePositions;
  int64_t end = 0;
};

inline Slots visible_slots(const PageAttention& page) {
  Slots slots;
  for (int64_t r = 0; r < page.rows; ++r) {
    if (page.first_slot[r] >= page.end_slot[r]) continue;
    if (page.first_slot[r] < slots.first) slots.first = page.first_slot[r];
    if (page.end_slot[r] > slots.end) slots.end = page.end_slot[r];
  }
  return slots;
}

/// Scores of slots that a row does not see become -infinity, whatever the page holds there.
inline void mask_scores(const PageAttention& page, float* scores) {
  for (int64_t r = 0; r < page.rows; ++r, scores += kPagePositions) {
    for (int64_t slot = 0; slot < page.first_slot[r]; ++slot) scores[slot] = -__builtin_inff();
    for (int64_t slot = page.end_slot[r]; slot < kPagePositions; ++slot) scores[slot] = -__builtin_inff();
  }
}

/// Turns scores into weights e^(score - maximum), takes the running sums to the new maxima, and gives the
/// factors that do so for the outputs. A page of which a row sees nothing changes nothing for it: its weights
/// are exactly 0 and its factor is exactly 1.
///
/// Step by step over all rows, not row by row: the steps of one row wait for each other, those of different
/// rows overlap.
inline void weigh(const PageAttention& page, float* scores, float* factors) {
  float* const before = factors + page.rows;
  for (int64_t r = 0; r < page.rows; ++r) {
    const float largest = largest_of(scores + r * kPagePositions, kPagePositions);
    before[r] = page.maxima[r];
    page.maxima[r] = largest > before[r] ? largest : before[r];
  }
  for_each_register(page.rows, before, page.maxima, factors, [](F32 a, F32 b) { return exponential(a - b); });
  for (int64_t r = 0; r < page.rows; ++r) {
    float* const row = scores + r * kPagePositions;
    const F32 maxima = broadcast(page.maxima[r]);
    F32 total = zero();
    for (int64_t slot = 0; slot < kPagePositions; slot += F32::kWidth) {
      const F32 weights = exponential(load(row + slot) - maxima);
      store(row + slot, weights);
      total = total + weights;
    }
    page.sums[r] = page.sums[r] * factors[r] + sum(total);
  }
}

template <typename Element>
inline void score_keys(const PageAttention& page, const Element* keys, float* scores) {
  multiply(Product<Element>{page.queries, page.key_dimension, keys, kPagePositions, scores, kPagePositions,
                            page.key_dimension, nullptr},
           page.rows, kPagePositions);
}

template <typename Element>
inline void add_values(const PageAttention& page, Slots slots, const Element* values, const float* weights,
                       const float* factors) {
  multiply(Product<Element>{weights + slots.first, kPagePositions,
                            values + slots.first * page.value_dimension, page.value_dimension, page.outputs,
                            page.value_dimension, slots.end - slots.first, factors},
           page.rows, page.value_dimension);
}

void attend_page(const PageAttention& page) {
  const Slots slots = visible_slots(page);
  if (slots.first >= slots.end) return;
  float* const scores = page.scratch;
  float* const factors = scores + page.rows * kPagePositions;
  float* const keys = factors + 2 * page.rows;
  float* const values = keys + kPagePositions * page.key_dimension;
  const bool direct = page.rows <= kDirectRows;

  if (page.type == BlockType::kF32) {
    score_keys(page, reinterpret_cast<const float*>(page.keys), scores);
  } else if (page.type == BlockType::kF16 && direct) {
    score_keys(page, reinterpret_cast<const uint16_t*>(page.keys), scores);
  } else {
    unpack_keys(page, keys);
    score_keys(page, keys, scores);
  }
  if (page.soft_cap != 0.0F) soft_cap(page.soft_cap, page.rows * kPagePositions, scores);
  mask_scores(page, scores);
  weigh(page, scores, factors);
  if (page.type == BlockType::kF32) {
    add_values(page, slots, reinterpret_cast<const float*>(page.values), scores, factors);
  } else if (page.type == BlockType::kF16 && direct) {
    add_values(page, slots, reinterpret_cast<const uint16_t*>(page.values), scores, factors);
  } else {
    unpack_values(page, slots.first, slots.end, values);
    add_values(page, slots, values, scores, factors);
  }
}

}  // namespace
}  // namespace hearth::cpu
