// Quantising activations to 8 bits. Included once by each instruction set's kernels, after what finds the
// find_largest_magnitudes() of blocks, does round_products() and sum_groups(): quantize_plain-inl.h or
// quantize_vectors-inl.h.
#include <cstdint>

#include "engine/compute/cpu/matrix/input_chunk.h"

namespace hearth::cpu {
namespace {

// Numbers of all groups and of all blocks of a chunk, as vectors of the compiler's: it makes nothing good of
// loops over so few.
using GroupInts = int32_t __attribute__((vector_size(kChunkGroups * sizeof(int32_t))));
using GroupFloats = float __attribute__((vector_size(kChunkGroups * sizeof(float))));
using BlockInts = int32_t __attribute__((vector_size(kChunkBlocks * sizeof(int32_t))));
using BlockFloats = float __attribute__((vector_size(kChunkBlocks * sizeof(float))));

template <class Vector, class Number>
inline void store_numbers(Number* to, const Vector& numbers) {
  __builtin_memcpy(to, &numbers, sizeof numbers);
}

/// The sums that products with the chunk need beside its values.
inline void write_sums(InputChunk& chunk, InputChunkSums& sums) {
  GroupInts of_groups;
  sum_groups(chunk.values, reinterpret_cast<int32_t*>(&of_groups));
  BlockFloats scales;
  __builtin_memcpy(&scales, chunk.scales, sizeof scales);
  const GroupFloats group_scales =
      __builtin_shufflevector(scales, scales, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
  store_numbers(sums.group_sums, group_scales * __builtin_convertvector(of_groups, GroupFloats));
  store_numbers(sums.group_offsets, kShiftBits - 128 * of_groups);
  const BlockInts of_blocks = __builtin_shufflevector(of_groups, of_groups, 0, 2, 4, 6, 8, 10, 12, 14) +
                              __builtin_shufflevector(of_groups, of_groups, 1, 3, 5, 7, 9, 11, 13, 15);
  store_numbers(chunk.offsets, kShiftBits - 128 * of_blocks);
  store_numbers(sums.block_sums, scales * __builtin_convertvector(of_blocks, BlockFloats));
}

/// Quantises blocks of 32 elements: the largest magnitude becomes 127. A block with an infinity or NaN has
/// the scale NaN, so that every product with it is NaN. What the chunk has past its last block means nothing.
inline void quantize_chunk(const float* x, int blocks, InputChunk& chunk, InputChunkSums& sums) {
  BlockInts largest_bits{};
  find_largest_magnitudes(x, blocks, reinterpret_cast<int32_t*>(&largest_bits));
  const auto largest = reinterpret_cast<BlockFloats>(largest_bits);
  // Below 2^-120 the reciprocal nears infinity; such a block counts as zero.
  const BlockFloats finite_scales = largest < 0x1p-120F ? BlockFloats{} : largest / 127.0F;
  store_numbers(chunk.scales, largest_bits < 0x7F800000 ? finite_scales : BlockFloats{} + __builtin_nanf(""));
  float factors[kChunkBlocks];
  store_numbers(factors, 127.0F / largest);
  for (int b = 0; b < blocks; ++b) {
    int8_t* const values = chunk.values + b * kInputBlock;
    if (chunk.scales[b] > 0.0F) {
      round_products(x + b * kInputBlock, factors[b], values);
    } else {
      __builtin_memset(values, 0, kInputBlock);
    }
  }
  write_sums(chunk, sums);
}

void quantize_row(const float* x, int64_t columns, int64_t stride, InputChunk* chunks, InputChunkSums* sums) {
  for (int64_t column = 0; column < columns; column += kChunkColumns) {
    const int64_t place = column / kChunkColumns * stride;
    const int64_t left = columns - column;
    const int blocks = left < kChunkColumns ? static_cast<int>(left / kInputBlock) : kChunkBlocks;
    quantize_chunk(x + column, blocks, chunks[place], sums[place]);
  }
}

}  // namespace
}  // namespace hearth::cpu
