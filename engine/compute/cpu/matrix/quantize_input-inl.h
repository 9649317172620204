// Quantising activations to 8 bits. Included once by each instruction set's kernels, to be compiled with its
// flags.
#include <cmath>
#include <cstdint>
#include <cstring>

#include "engine/compute/cpu/matrix/input_chunk.h"

namespace hearth::cpu {
namespace {

/// Quantises 32 elements: the largest magnitude becomes 127, the rest rounds to nearest, ties to even. A
/// block with an infinity or NaN has the scale NaN, so that every product with it is NaN.
void quantize_block(const float* x, int block, InputChunk& chunk, InputChunkSums& sums) {
  // Magnitudes order as their bits do, with infinity and NaN on top.
  uint32_t bits[kInputBlock];
  std::memcpy(bits, x, sizeof bits);
  uint32_t largest_bits = 0;
  for (const uint32_t element : bits) {
    const uint32_t magnitude = element & 0x7FFFFFFFU;
    largest_bits = magnitude > largest_bits ? magnitude : largest_bits;
  }
  float largest;
  std::memcpy(&largest, &largest_bits, sizeof largest);
  const bool finite = largest_bits < 0x7F800000U;
  // Below 2^-120 the reciprocal nears infinity; such a block counts as zero.
  const float inverse = finite && largest > 0x1p-120F ? 127.0F / largest : 0.0F;
  const float scale = finite ? (inverse > 0.0F ? largest / 127.0F : 0.0F) : __builtin_nanf("");

  // Adding 1.5 * 2^23 leaves the integer nearest to a small float in its lowest bits.
  constexpr float kRound = 12582912.0F;
  int8_t* values = chunk.values + block * kInputBlock;
  int32_t half_sums[2] = {0, 0};
  for (int half = 0; half < 2; ++half) {
    for (int i = half * kInputGroup; i < (half + 1) * kInputGroup; ++i) {
      const float rounded = (finite ? x[i] : 0.0F) * inverse + kRound;
      int32_t integer;
      std::memcpy(&integer, &rounded, sizeof integer);
      values[i] = static_cast<int8_t>(integer & 0xFF);
      half_sums[half] += values[i];
    }
    sums.group_sums[2 * block + half] = scale * static_cast<float>(half_sums[half]);
    sums.group_offsets[2 * block + half] = -128 * half_sums[half];
  }
  chunk.scales[block] = scale;
  chunk.offsets[block] = -128 * (half_sums[0] + half_sums[1]);
  sums.block_sums[block] = scale * static_cast<float>(half_sums[0] + half_sums[1]);
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
