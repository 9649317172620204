#include "engine/compute/gpu/rows_by_sequence.h"

#include <algorithm>
#include <map>
#include <vector>

namespace hearth::gpu {

RowsBySequence rows_by_sequence(Recorder& recorder, const BatchRows& rows) {
  std::map<int32_t, std::vector<uint32_t>> by_slot;
  for (size_t r = 0; r < rows.sequences.size(); ++r) {
    by_slot[rows.slots[static_cast<size_t>(rows.sequences[r])]].push_back(static_cast<uint32_t>(r));
  }
  RowsBySequence result;
  if (by_slot.empty()) return result;
  result.count = by_slot.size();
  result.first_slot = by_slot.begin()->first;
  result.last_slot = by_slot.rbegin()->first;
  std::vector<uint32_t> sequences;
  for (const auto& [slot, numbers] : by_slot) {
    result.longest = std::max<uint64_t>(result.longest, numbers.size());
    sequences.push_back(static_cast<uint32_t>(slot - result.first_slot));
    sequences.push_back(static_cast<uint32_t>(numbers.size()));
    sequences.push_back(recorder.data(numbers));
  }
  result.sequences = recorder.data(sequences);
  return result;
}

Operand states_of(const RowsBySequence& rows, const SlotStates& states, uint64_t bytes) {
  const auto slots = static_cast<uint64_t>(rows.last_slot - rows.first_slot);
  return {states.of(rows.first_slot), slots * states.stride + bytes, true};
}

}  // namespace hearth::gpu
