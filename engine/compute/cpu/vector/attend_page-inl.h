// Attention to one page of keys and values. Needs F32.
#pragma once

#include <cstdint>

#include "engine/compute/cpu/vector/elementwise-inl.h"
#include "engine/compute/cpu/vector/norm-inl.h"
#include "engine/compute/cpu/vector/page_product-inl.h"
#include "engine/compute/cpu/vector/unpack_page-inl.h"
#include "engine/compute/cpu/vector/vector_kernels.h"

namespace hearth::cpu {
namespace {

/// So few queries read a page where it lies. More of them share a copy unpacked to f32.
constexpr int64_t kInPlaceRows = 2 * kTileRows;
/// But blocks are always copied where registers are narrow: what that takes was not measured there, and
/// WebAssembly's modules are smaller without.
constexpr bool kReadsBlocksInPlace = F32::kWidth >= 8;

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

/// Scores lose by their distance (ALiBi, Press et al. 2022).
inline void lower_by_distance(const PageAttention& page, float* scores) {
  float numbers[kPagePositions];
  for (int64_t slot = 0; slot < kPagePositions; ++slot) numbers[slot] = static_cast<float>(slot);
  for (int64_t r = 0; r < page.rows; ++r, scores += kPagePositions) {
    const F32 slope = broadcast(-page.slopes[r]);
    const F32 place = broadcast(page.places[r]);
    for_each_register(kPagePositions, scores, numbers, scores, [=](F32 score, F32 number) {
      return multiply_add(slope, magnitude(number - place), score);
    });
  }
}

/// Turns products of queries and keys into weights e^(score - maximum), takes the running sums to the new
/// maxima, and gives the factors that do so for the outputs. A page of which a row sees nothing changes
/// nothing for it: its weights are exactly 0 and its factor is exactly 1.
///
/// Step by step over all rows, not row by row: the steps of one row wait for each other, those of different
/// rows overlap.
inline void weigh(const PageAttention& page, float* scores, float* factors) {
  if (page.soft_cap != 0.0F) soft_cap(page.soft_cap, page.rows * kPagePositions, scores);
  if (page.slopes != nullptr) lower_by_distance(page, scores);
  if (page.gains != nullptr) {
    for_each_register(page.rows * kPagePositions, scores, page.gains, scores,
                      [](F32 score, F32 gain) { return score + gain; });
  }
  mask_scores(page, scores);
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
    for_each_register(kPagePositions, row, row,
                      [=](F32 score) { return exponential_below_89(score - maxima); });
  }
  for (int64_t r = 0; r < page.rows; ++r) {
    F32 weights[kSumRegisters];
    static_assert(kSumRegisters * F32::kWidth == kPagePositions);
    HEARTH_UNROLL for (int64_t i = 0; i < kSumRegisters; ++i) {
      weights[i] = load(scores + r * kPagePositions + i * F32::kWidth);
    }
    page.sums[r] = page.sums[r] * factors[r] + sum_lanes(weights);
  }
}

template <typename Elements>
inline void score_keys(const PageAttention& page, const Elements& keys, const std::byte* ahead,
                       float* scores) {
  const Product<Elements> product{.a = page.queries,
                                  .a_stride = page.key_dimension,
                                  .b = keys,
                                  .c = scores,
                                  .c_stride = kPagePositions,
                                  .depth = page.key_dimension,
                                  .keep = nullptr,
                                  .ahead = ahead};
  multiply(product, page.rows, kPagePositions);
}

/// `values` from the first visible slot on.
template <typename Elements>
inline void add_values(const PageAttention& page, Slots slots, const Elements& values, const std::byte* ahead,
                       const float* weights, const float* factors) {
  const Product<Elements> product{.a = weights + slots.first,
                                  .a_stride = kPagePositions,
                                  .b = values,
                                  .c = page.outputs,
                                  .c_stride = page.value_dimension,
                                  .depth = slots.end - slots.first,
                                  .keep = factors,
                                  .ahead = ahead};
  multiply(product, page.rows, page.value_dimension);
}

template <typename Element>
inline PlainElements<Element> plain_keys(const Element* keys) {
  return {keys, kPagePositions};
}
template <typename Element>
inline PlainElements<Element> plain_values(const PageAttention& page, Slots slots, const Element* values) {
  return {values + slots.first * page.value_dimension, page.value_dimension};
}

/// Keys and values are read where they lie.
template <typename Element>
inline void attend_plain(const PageAttention& page, Slots slots, float* scores, float* factors) {
  score_keys(page, plain_keys(reinterpret_cast<const Element*>(page.keys)), page.values, scores);
  weigh(page, scores, factors);
  add_values(page, slots, plain_values(page, slots, reinterpret_cast<const Element*>(page.values)),
             page.next_keys, scores, factors);
}

template <typename Numbers>
inline void attend_blocks(const PageAttention& page, Slots slots, float* scores, float* factors) {
  score_keys(page, KeyBlocks<Numbers>(page.keys), page.values, scores);
  weigh(page, scores, factors);
  const int64_t stride = page.value_dimension / kKvBlock * kBlockBytes<Numbers>;
  add_values(page, slots, ValueBlocks<Numbers>(page.values + slots.first * stride, stride), page.next_keys,
             scores, factors);
}

inline void attend_unpacked(const PageAttention& page, Slots slots, float* scores, float* factors,
                            float* unpacked) {
  unpack_keys(page, unpacked);
  score_keys(page, plain_keys(unpacked), nullptr, scores);
  weigh(page, scores, factors);
  unpack_values(page, slots.first, slots.end, unpacked);
  add_values(page, slots, plain_values(page, slots, unpacked), nullptr, scores, factors);
}

/// Keys as f32: where they lie, if they are; else unpacked.
inline const float* keys_of(const PageAttention& page, float* unpacked) {
  if (page.type == BlockType::kF32) return reinterpret_cast<const float*>(page.keys);
  unpack_keys(page, unpacked);
  return unpacked;
}

void score_page(const PageAttention& page, float* scores, float* room) {
  score_keys(page, plain_keys(keys_of(page, room)), nullptr, scores);
}

/// Values are turned out of the keys that they are the beginnings of.
inline void attend_values_in_keys(const PageAttention& page, Slots slots, float* scores, float* factors,
                                  float* unpacked) {
  const float* const keys = keys_of(page, unpacked);
  float* const values = unpacked + kPagePositions * page.key_dimension;
  score_keys(page, plain_keys(keys), nullptr, scores);
  weigh(page, scores, factors);
  turn_values(keys, slots.first, slots.end, page.value_dimension, values);
  add_values(page, slots, plain_values(page, slots, values), nullptr, scores, factors);
}

void attend_page(const PageAttention& page) {
  const Slots slots = visible_slots(page);
  if (slots.first >= slots.end) return;
  float* const scores = page.scratch;
  float* const factors = scores + page.rows * kPagePositions;
  float* const unpacked = factors + 2 * page.rows;
  if (page.values == nullptr) return attend_values_in_keys(page, slots, scores, factors, unpacked);
  if (page.type == BlockType::kF32) return attend_plain<float>(page, slots, scores, factors);
  if (page.rows <= kInPlaceRows) {
    if (page.type == BlockType::kF16) return attend_plain<uint16_t>(page, slots, scores, factors);
    if constexpr (kReadsBlocksInPlace) {
      if (page.type == BlockType::kQ8_0) return attend_blocks<Q8Numbers>(page, slots, scores, factors);
      if (page.type == BlockType::kQ4_0) return attend_blocks<Q4Numbers>(page, slots, scores, factors);
    }
  }
  attend_unpacked(page, slots, scores, factors, unpacked);
}

}  // namespace
}  // namespace hearth::cpu
