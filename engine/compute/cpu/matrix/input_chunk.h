// Activations quantised to 8 bits, as every integer kernel reads them.
//
// A row is cut into chunks of 256 columns (the last may hold fewer, in whole blocks of 32). The chunks of one
// column range lie side by side, [chunk][row], because a kernel holds a panel of weights 256 columns wide and
// passes all rows over it.
#pragma once

#include <cstdint>

namespace hearth::cpu {

inline constexpr int kChunkColumns = 256;
inline constexpr int kInputBlock = 32;                            // elements that share one input scale
inline constexpr int kChunkBlocks = kChunkColumns / kInputBlock;  // 8
inline constexpr int kInputGroup = 16;                            // the smallest group with a weight scale
inline constexpr int kChunkGroups = kChunkColumns / kInputGroup;  // 16

/// Integers from -2^22 to 2^22 added to these bits are the bits of the float kShift plus the integer.
inline constexpr int32_t kShiftBits = 0x4B400000;
inline constexpr float kShift = 0x1.8p23F;

/// x[i] is about scales[i / 32] * values[i], with values in [-127, 127]. Five cache lines.
struct alignas(64) InputChunk {
  int8_t values[kChunkColumns];
  float scales[kChunkBlocks];
  /// -128 * (sum of the block's values): where weights w are multiplied as the unsigned w + 128, this turns
  /// the sum of products back into that of w.
  int32_t offsets[kChunkBlocks];
};

/// Sums that only some weight types need: those with a bias, those with groups of 16.
struct alignas(32) InputChunkSums {
  float block_sums[kChunkBlocks];       // scale * sum of the block's values
  float group_sums[kChunkGroups];       // likewise of each half of a block
  int32_t group_offsets[kChunkGroups];  // -128 * sum of the group's values
#if defined(__wasm_relaxed_simd__)
  int32_t negative_sums[kChunkGroups];  // of the magnitudes of the group's negative values
  int32_t negative_block_sums[kChunkBlocks];
#endif
};

/// Kernels for a few rows may read so many more rows than there are, and have no use for what these hold.
inline constexpr int kSpareRows = 3;

/// Chunks of a row of that many columns.
constexpr int64_t chunk_count(int64_t columns) { return (columns + kChunkColumns - 1) / kChunkColumns; }

}  // namespace hearth::cpu
