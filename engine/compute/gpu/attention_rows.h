// What kernels of attention are told of a batch's rows, as words of a step's data.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/compute/backend.h"
#include "engine/compute/gpu/recorder.h"

namespace hearth::gpu {

/// What kernels call a type of cache.
std::string_view name_of_cache(BlockType type);

/// Rows of the batch, by sequence and position.
std::vector<uint32_t> rows_in_order(const BatchRows& rows);

/// Positions of a sequence two by two, an even one and the one behind it, where at least one has a row: for
/// each its page, the even one's place in it, and the row of either or 0xFFFFFFFF.
struct PositionPairs {
  uint32_t count = 0;
  std::vector<uint32_t> words;
};
PositionPairs position_pairs(const BatchRows& rows);

/// Rows of one sequence whose queries look at the same keys.
struct AttentionRun {
  uint32_t first = 0;  // in SeenRows::rows
  uint32_t count = 0;
  uint32_t sequence = 0;
};

/// What a row sees: [first, end) of its sequence's positions, or of those that were chosen for it. In words,
/// as kernels have it (kernels/parts/attend/row).
struct SeenRow {
  static constexpr uint32_t kWords = 5;

  uint32_t row = 0;  // of the batch
  uint32_t position = 0;
  uint32_t first = 0;
  uint32_t end = 0;
  uint32_t chooses = 0;
};

struct SeenRows {
  std::vector<SeenRow> rows;
  std::vector<AttentionRun> runs;

  std::vector<uint32_t> words() const;
};
SeenRows seen_rows(const AttentionParameters& parameters, const BatchRows& rows);

/// Positions that kernels of attention look at together.
inline constexpr uint32_t kTile = 256;

/// Tiles that have some of [first, end).
constexpr uint32_t tiles_of(uint32_t first, uint32_t end) {
  return (end + kTile - 1) / kTile - first / kTile;
}

}  // namespace hearth::gpu
