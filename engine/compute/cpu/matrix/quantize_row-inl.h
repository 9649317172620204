// Quantising activations to 8 bits. Included once by each instruction set's kernels, after what gives a
// block's largest_magnitude() and round_products(): quantize_plain-inl.h or quantize_vectors-inl.h.
#include <cstdint>

#include "engine/compute/cpu/matrix/input_chunk.h"

namespace hearth::cpu {
namespace {

/// Quantises 32 elements: the largest magnitude becomes 127. A block with an infinity or NaN has the scale
/// NaN, so that every product with it is NaN.
inline void quantize_block(const float* x, int block, InputChunk& chunk, InputChunkSums& sums) {
  const uint32_t largest_bits = largest_magnitude(x);
  const bool finite = largest_bits < 0x7F800000U;
  const float largest = __builtin_bit_cast(float, largest_bits);
  // Below 2^-120 the reciprocal nears infinity; such a block counts as zero.
  const bool zero = largest < 0x1p-120F;
  const float scale = zero ? 0.0F : finite ? largest / 127.0F : __builtin_nanf("");
  int8_t* const values = chunk.values + block * kInputBlock;
  int32_t group_sums[2] = {0, 0};
  if (finite && !zero) {
    round_products(x, 127.0F / largest, values, group_sums);
  } else {
    __builtin_memset(values, 0, kInputBlock);
  }
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
