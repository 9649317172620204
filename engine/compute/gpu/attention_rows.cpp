#include "engine/compute/gpu/attention_rows.h"

#include <algorithm>
#include <numeric>

namespace hearth::gpu {
namespace {

constexpr uint32_t kNoRow = 0xFFFFFFFF;

/// Positions [first, end).
struct Stretch {
  int64_t first = 0;
  int64_t end = 0;
};

/// `last` is the last position that the row's sequence has in the batch.
Stretch stretch_of(const AttentionParameters& parameters, const BatchRows& rows, uint32_t row, int64_t last) {
  const int64_t position = rows.positions[row];
  if (parameters.part == SequencePart::kSource) return {0, rows.source_of(row)};
  if (!parameters.causal) {
    if (parameters.window == 0) return {0, last + 1};
    const int64_t reach = parameters.window / 2;
    return {std::max<int64_t>(0, position - reach), std::min(last, position + reach) + 1};
  }
  Stretch seen{0, position + 1};
  if (parameters.part == SequencePart::kAnswer) seen.first = rows.source_of(row);
  if (parameters.window > 0) seen.first = std::max(seen.first, position - parameters.window + 1);
  if (parameters.chunk > 0) seen.first = std::max(seen.first, position - position % parameters.chunk);
  return seen;
}

}  // namespace

std::string_view name_of_cache(BlockType type) {
  switch (type) {
    case BlockType::kF16:
      return "f16";
    case BlockType::kQ8_0:
      return "q8_0";
    case BlockType::kQ4_0:
      return "q4_0";
    default:
      return "f32";
  }
}

std::vector<uint32_t> rows_in_order(const BatchRows& rows) {
  std::vector<uint32_t> order(rows.positions.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto place = [&](uint32_t row) { return std::pair(rows.sequences[row], rows.positions[row]); };
  std::ranges::sort(order, {}, place);
  return order;
}

PositionPairs position_pairs(const BatchRows& rows) {
  PositionPairs pairs;
  int32_t sequence = -1;
  int32_t even = -1;
  for (const uint32_t row : rows_in_order(rows)) {
    const int32_t position = rows.positions[row];
    if (rows.sequences[row] != sequence || position / 2 * 2 != even) {
      sequence = rows.sequences[row];
      even = position / 2 * 2;
      const auto page = rows.pages[static_cast<size_t>(sequence)][static_cast<size_t>(even / kPagePositions)];
      pairs.words.insert(pairs.words.end(), {static_cast<uint32_t>(page),
                                             static_cast<uint32_t>(even % kPagePositions), kNoRow, kNoRow});
      ++pairs.count;
    }
    pairs.words.end()[position % 2 - 2] = row;
  }
  return pairs;
}

std::vector<uint32_t> SeenRows::words() const {
  std::vector<uint32_t> words;
  words.reserve(SeenRow::kWords * rows.size());
  for (const SeenRow& row : rows) {
    words.insert(words.end(), {row.row, row.position, row.first, row.end, row.chooses});
  }
  return words;
}

// Rows for which positions were chosen see keys that no other row does.
SeenRows seen_rows(const AttentionParameters& parameters, const BatchRows& rows) {
  const bool each_its_own = parameters.chosen.blocks.columns > 0;
  std::vector<int64_t> last(rows.pages.size(), 0);
  for (size_t row = 0; row < rows.positions.size(); ++row) {
    int64_t& of_sequence = last[static_cast<size_t>(rows.sequences[row])];
    of_sequence = std::max<int64_t>(of_sequence, rows.positions[row]);
  }
  SeenRows seen;
  for (const uint32_t row : rows_in_order(rows)) {
    const int32_t position = rows.positions[row];
    const auto sequence = static_cast<uint32_t>(rows.sequences[row]);
    if (each_its_own || seen.runs.empty() || seen.runs.back().sequence != sequence) {
      seen.runs.push_back({static_cast<uint32_t>(seen.rows.size()), 0, sequence});
    }
    ++seen.runs.back().count;
    const bool chooses = parameters.chosen.chooses(position);
    const Stretch stretch = chooses ? Stretch{0, parameters.chosen.positions(position)}
                                    : stretch_of(parameters, rows, row, last[sequence]);
    seen.rows.push_back({row, static_cast<uint32_t>(position), static_cast<uint32_t>(stretch.first),
                         static_cast<uint32_t>(stretch.end), chooses ? 1U : 0U});
  }
  return seen;
}

}  // namespace hearth::gpu
