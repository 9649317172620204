#include "engine/compute/mixed/block.h"

#include <algorithm>
#include <iterator>

namespace hearth::mixed {

const Part& Block::part_of(uint64_t offset) const {
  const auto next = std::ranges::upper_bound(parts, offset % run_bytes, {}, &Part::begin);
  return *std::prev(next);
}

Buffer Block::at(Side side, uint64_t offset) const {
  if (!memory[side]) return {};
  if (!are_states()) return memory[side].at(offset);
  const Part& part = part_of(offset);
  if (part.at[side] == Part::kNowhere) return {};
  const uint64_t run = offset / run_bytes;
  return memory[side].at(run * side_run_bytes[side] + part.at[side] + offset % run_bytes - part.begin);
}

}  // namespace hearth::mixed
