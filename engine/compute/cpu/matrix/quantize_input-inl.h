// Quantising activations to 8 bits. Included once by each instruction set's kernels, to be compiled with its
// flags.
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

/// rounded[i] = x[i] * inverse, to the nearest integer, ties to even; |x[i] * inverse| must be small.
inline void round_products(const float* x, float inverse, int32_t* rounded) {
  // Up there floats are integers, so the addition rounds; taking it back is exact.
  constexpr float kIntegersFromHere = 0x1.8p23F;
  for (int i = 0; i < kInputBlock; ++i) {
    rounded[i] = static_cast<int32_t>((x[i] * inverse + kIntegersFromHere) - kIntegersFromHere);
  }
}

/// The sum of 16 integers, halving them again and again: a form that compilers vectorise.
inline int32_t sum_of_group(const int32_t* integers) {
  int32_t sums[kInputGroup / 2];
  for (int i = 0; i < 8; ++i) sums[i] = integers[i] + integers[i + 8];
  for (int i = 0; i < 4; ++i) sums[i] += sums[i + 4];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// Quantises 32 elements: the largest magnitude becomes 127. A block with an infinity or NaN has the scale
/// NaN, so that every product with it is NaN.
inline void quantize_block(const float* x, int block, InputChunk& chunk, InputChunkSums& sums) {
  const uint32_t largest_bits = largest_magnitude(x);
  const bool finite = largest_bits < 0x7F800000U;
  const float largest = std::bit_cast<float>(largest_bits);
  // Below 2^-120 the reciprocal nears infinity; such a block counts as zero.
  const bool zero = largest < 0x1p-120F;
  const float scale = zero ? 0.0F : finite ? largest / 127.0F : __builtin_nanf("");
  int32_t values[kInputBlock] = {};
  if (finite && !zero) round_products(x, 127.0F / largest, values);
  for (int i = 0; i < kInputBlock; ++i) {
    chunk.values[block * kInputBlock + i] = static_cast<int8_t>(values[i]);
  }
  const int32_t group_sums[2] = {sum_of_group(values), sum_of_group(values + kInputGroup)};
  for (int g = 0; g < 2; ++g) {
    sums.group_sums[2 * block + g] = scale * static_cast<float>(group_sums[g]);
    sums.group_offsets[2 * block + g] = kShiftBits - 128 * group_sums[g];
  }
  chunk.scales[block] = scale;
  chunk.offsets[block] = kShiftBits - 128 * (group_sums[0] + group_sums[1]);
  sums.block_sums[block] = scale * static_cast<float>(group_sums[0] + group_sums[1]);
}

void quantize_row(const float* x, int64_t columns, int64_t stride, InputChunk* chunks, InputChunkSums* sums) {
  for (int64_t column = 0; column < columns; column += kInputBlock) {
    const int64_t place = column / kChunkColumns * stride;
    const int block = static_cast<int>(column % kChunkColumns) / kInputBlock;
    quantize_block(x + column, block, chunks[place], sums[place]);
  }
}

}  // namespace
}  // namespace hearth::cpu
