// What quantize_row-inl.h is made of, in plain C++ that compilers vectorise as they can.
#include <bit>
#include <cstdint>

#include "engine/compute/cpu/matrix/input_chunk.h"

namespace hearth::cpu {
namespace {

/// The bits of the largest magnitude of each block. Magnitudes order as their bits do, infinity and NaN on
/// top.
inline void find_largest_magnitudes(const float* x, int blocks, int32_t* largest) {
  for (int b = 0; b < blocks; ++b, x += kInputBlock) {
    for (int i = 0; i < kInputBlock; ++i) {
      const int32_t magnitude = std::bit_cast<int32_t>(x[i]) & 0x7FFFFFFF;
      largest[b] = magnitude > largest[b] ? magnitude : largest[b];
    }
  }
}

/// values[i] = x[i] * factor for a block, to the nearest integer, ties to even, of magnitudes up to 127.
inline void round_products(const float* x, float factor, int8_t* values) {
  // Up there floats are integers, so the addition rounds; taking it back is exact.
  constexpr float kIntegersFromHere = 0x1.8p23F;
  int32_t rounded[kInputBlock];
  for (int i = 0; i < kInputBlock; ++i) {
    rounded[i] = static_cast<int32_t>((x[i] * factor + kIntegersFromHere) - kIntegersFromHere);
  }
  for (int i = 0; i < kInputBlock; ++i) values[i] = static_cast<int8_t>(rounded[i]);
}

/// Of the values of every group of a chunk.
inline void sum_groups(const int8_t* values, int32_t* sums) {
  for (int g = 0; g < kChunkGroups; ++g) {
    sums[g] = 0;
    for (int i = 0; i < kInputGroup; ++i) sums[g] += values[g * kInputGroup + i];
  }
}

}  // namespace
}  // namespace hearth::cpu
