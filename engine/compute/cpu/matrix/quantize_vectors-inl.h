// Quantising activations to 8 bits, on vectors: what quantize_input-inl.h says in plain C++. Included once by
// each instruction set's kernels, after its vectors.
#include "engine/compute/cpu/matrix/input_chunk.h"

namespace hearth::cpu {
namespace {

constexpr int kBlockVectors = kInputBlock / kLanes;

/// Quantises 32 elements: the largest magnitude becomes 127. A block with an infinity or NaN has the scale
/// NaN, so that every product with it is NaN.
inline void quantize_block(const float* x, int block, InputChunk& chunk, InputChunkSums& sums) {
  // Magnitudes order as their bits do, infinity and NaN on top.
  Ints magnitudes = zero_ints();
  for (int i = 0; i < kBlockVectors; ++i) {
    const Ints bits = bit_and(as_ints(load_floats(x + i * kLanes)), splat_ints(0x7FFFFFFF));
    magnitudes = max_ints(magnitudes, bits);
  }
  const int32_t largest_bits = largest_lane(magnitudes);
  const bool finite = largest_bits < 0x7F800000;
  const float largest = __builtin_bit_cast(float, largest_bits);
  // Below 2^-120 the reciprocal nears infinity; such a block counts as zero.
  const bool zero = largest < 0x1p-120F;
  const float scale = zero ? 0.0F : finite ? largest / 127.0F : __builtin_nanf("");
  Ints values[kBlockVectors];
  for (int i = 0; i < kBlockVectors; ++i) {
    const Floats scaled = multiply(load_floats(x + i * kLanes), splat_floats(127.0F / largest));
    values[i] = finite && !zero ? round_to_ints(scaled) : zero_ints();
  }
  store_as_bytes(chunk.values + block * kInputBlock, values);
  int32_t group_sums[2];
  for (int g = 0; g < 2; ++g) {
    constexpr int kGroupVectors = kBlockVectors / 2;
    Ints sum = values[g * kGroupVectors];
    for (int i = 1; i < kGroupVectors; ++i) sum = add(sum, values[g * kGroupVectors + i]);
    group_sums[g] = sum_lanes(sum);
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
