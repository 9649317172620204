// What of its sequence a row sees, as AttentionParameters says.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/compute/backend.h"

namespace hearth::cpu {

/// Positions from `first` up to `end`; of a row that is_chosen these are counted among those of its lists.
class VisiblePositions {
 public:
  VisiblePositions(const AttentionParameters& parameters, const BatchRows& rows)
      : parameters_(parameters), rows_(rows) {
    if (!parameters.causal) find_ends();
  }

  bool is_chosen(int64_t row) const { return parameters_.chosen.chooses(position(row)); }

  int32_t first(int64_t row) const {
    if (parameters_.part == SequencePart::kSource) return 0;
    int32_t first = parameters_.chunk == 0 ? 0 : position(row) - position(row) % parameters_.chunk;
    if (parameters_.part == SequencePart::kAnswer) {
      first = std::max(first, rows_.source_of(static_cast<size_t>(row)));
    }
    if (parameters_.window == 0) return first;
    const int32_t reach = parameters_.causal ? parameters_.window - 1 : parameters_.window / 2;
    return std::max(first, position(row) - reach);
  }

  int32_t end(int64_t row) const {
    if (parameters_.part == SequencePart::kSource) return rows_.source_of(static_cast<size_t>(row));
    if (is_chosen(row)) return static_cast<int32_t>(parameters_.chosen.positions(position(row)));
    const int32_t next = position(row) + 1;
    if (parameters_.causal) return next;
    const int32_t end = ends_[static_cast<size_t>(rows_.sequences[static_cast<size_t>(row)])];
    return parameters_.window == 0 ? end : std::min(end - next, parameters_.window / 2) + next;
  }

 private:
  int32_t position(int64_t row) const { return rows_.positions[static_cast<size_t>(row)]; }

  void find_ends() {
    ends_.resize(rows_.pages.size());
    for (size_t row = 0; row < rows_.positions.size(); ++row) {
      int32_t& end = ends_[static_cast<size_t>(rows_.sequences[row])];
      end = std::max(end, rows_.positions[row] + 1);
    }
  }

  const AttentionParameters& parameters_;
  const BatchRows& rows_;
  std::vector<int32_t> ends_;  // of each sequence, past its last row; empty where rows see no later ones
};

}  // namespace hearth::cpu
