// The rows of a batch by their sequences, for what goes along each of them
// (kernels/parts/rows/of_sequence.wgsl).
#pragma once

#include <cstdint>

#include "engine/compute/backend.h"
#include "engine/compute/gpu/recorder.h"

namespace hearth::gpu {

/// In the step's data.
struct RowsBySequence {
  /// Where the first of the sequences that have rows is told: each by its slot, counted from `first_slot`,
  /// how many rows it has, and where their numbers stand.
  uint32_t sequences = 0;
  uint64_t count = 0;    // of the sequences
  uint64_t longest = 0;  // rows of one
  int32_t first_slot = 0;
  int32_t last_slot = 0;
};

RowsBySequence rows_by_sequence(Recorder& recorder, const BatchRows& rows);

/// The states of those slots, of so many bytes each.
Operand states_of(const RowsBySequence& rows, const SlotStates& states, uint64_t bytes);

}  // namespace hearth::gpu
