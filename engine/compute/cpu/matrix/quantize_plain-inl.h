// What quantize_row-inl.h is made of, in plain C++ that compilers vectorise as they can.
#include <bit>
#include <cstdint>

#include "engine/compute/cpu/matrix/input_chunk.h"

namespace hearth::cpu {
namespace {

/// The bits of the largest magnitude of a block. Magnitudes order as their bits do, infinity and NaN on top.
inline uint32_t largest_magnitude(const float* x) {
  uint32_t largest = 0;
  for (int i = 0; i < kInputBlock; ++i) {
    const uint32_t magnitude = std::bit_cast<uint32_t>(x[i]) & 0x7FFFFFFFU;
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest;
}

/// The sum of 16 integers, halving them again and again: a form that compilers vectorise.
inline int32_t sum_of_group(const int32_t* integers) {
  int32_t sums[kInputGroup / 2];
  for (int i = 0; i < 8; ++i) sums[i] = integers[i] + integers[i + 8];
  for (int i = 0; i < 4; ++i) sums[i] += sums[i + 4];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// values[i] = x[i] * factor for a block, to the nearest integer, ties to even, of magnitudes up to 127; and
/// the sums of its halves.
inline void round_products(const float* x, float factor, int8_t* values, int32_t (&group_sums)[2]) {
  // Up there floats are integers, so the addition rounds; taking it back is exact.
  constexpr float kIntegersFromHere = 0x1.8p23F;
  int32_t rounded[kInputBlock];
  for (int i = 0; i < kInputBlock; ++i) {
    rounded[i] = static_cast<int32_t>((x[i] * factor + kIntegersFromHere) - kIntegersFromHere);
  }
  for (int i = 0; i < kInputBlock; ++i) values[i] = static_cast<int8_t>(rounded[i]);
  for (int g = 0; g < 2; ++g) group_sums[g] = sum_of_group(rounded + g * kInputGroup);
}

}  // namespace
}  // namespace hearth::cpu
