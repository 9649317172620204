#include "engine/compute/cpu/attention_looks.h"

#include <algorithm>

#include "engine/compute/cpu/kv_pages.h"

namespace hearth::cpu {

/// For a page of chosen positions.
int64_t Looks::gathered_floats() const {
  if (parameters_.chosen.blocks.columns == 0) return 0;
  return static_cast<int64_t>(kPagePositions * layout_.position_bytes() / sizeof(float));
}

int64_t Looks::work_floats(std::span<const Unit> units) const {
  int64_t queries = 0;
  int64_t most = 0;
  for (const Unit& unit : units) {
    queries += unit.queries();
    most = std::max(most, unit.queries());
  }
  return queries * layout_.key_dimension +
         page_attention_scratch(most, layout_.key_dimension, layout_.value_dimension) + gathered_floats();
}

std::vector<PageAttention> Looks::begin(std::span<const Unit> units, float* states, float* work) const {
  std::vector<PageAttention> looks(units.size());
  for (size_t u = 0; u < units.size(); ++u) {
    const RunningSoftmax state(units[u].queries(), layout_.value_dimension, states);
    state.clear();
    gather_queries(units[u], work);
    PageAttention& look = looks[u];
    look.type = layout_.type;
    look.key_dimension = layout_.key_dimension;
    look.value_dimension = layout_.value_dimension;
    look.rows = state.queries;
    look.queries = work;
    look.soft_cap = parameters_.soft_cap;
    look.maxima = state.maxima;
    look.sums = state.sums;
    look.outputs = state.outputs;
    states += RunningSoftmax::floats(state.queries, state.dimension);
    work += state.queries * layout_.key_dimension;
  }
  for (PageAttention& look : looks) look.scratch = work;
  return looks;
}

void Looks::turn(std::span<const Unit> units, size_t number, int32_t index, ThreadScratch& scratch,
                 PageAttention& look) const {
  const Unit unit = units[number];
  const int32_t page_start = index * kPagePositions;
  find_page(units, number, index, look);
  find_slots(unit, page_start, scratch.slots);
  look.first_slot = scratch.slots.data();
  look.end_slot = scratch.slots.data() + look.rows;
  if (!parameters_.slopes.empty()) {
    find_slopes(unit, scratch.slopes);
    find_places(unit, page_start, scratch.places);
    look.slopes = scratch.slopes.data();
    look.places = scratch.places.data();
  }
  if (!parameters_.distance_gains.empty()) {
    find_gains(unit, page_start, scratch.gains);
    look.gains = scratch.gains.data();
  }
}

/// Of chosen positions it is made of theirs.
void Looks::find_page(std::span<const Unit> units, size_t number, int32_t index, PageAttention& look) const {
  const Unit unit = units[number];
  const int32_t next = index + 1;
  const int32_t end = unit.tile->end_position;
  if (unit.tile->is_chosen) {
    // Behind what the kernel works in.
    auto* const gathered = reinterpret_cast<std::byte*>(
        look.scratch + page_attention_scratch(look.rows, layout_.key_dimension, layout_.value_dimension));
    gather(unit, index * kPagePositions, std::min(next * kPagePositions, end), gathered);
    look.keys = gathered;
    look.values = layout_.values_in_keys ? nullptr : gathered + kPagePositions * layout_.key_bytes();
    return;
  }
  look.keys = keys(unit, index);
  look.values = values(unit, index);
  if (number + 1 < units.size()) {
    look.next_keys = keys(units[number + 1], index);
  } else {
    // The next range, too, is mostly this thread's.
    look.next_keys = next * kPagePositions < end ? keys(units.front(), next) : nullptr;
  }
}

/// Those of the unit's chosen positions from `first` up to `end`.
void Looks::gather(Unit unit, int32_t first, int32_t end, std::byte* page) const {
  const ChosenPositions& chosen = parameters_.chosen;
  const float* const list = floats_of(chosen.blocks) + unit.tile->first_row * chosen.blocks.columns +
                            (chosen.lists > 1 ? unit.head_kv * chosen.count() : 0);
  int32_t positions[kPagePositions];
  for (int32_t i = first; i < end; ++i) {
    positions[i - first] = static_cast<int32_t>(list[i / chosen.block]) * chosen.block + i % chosen.block;
  }
  gather_positions(kv_, pages(unit), unit.head_kv, {positions, static_cast<size_t>(end - first)}, page);
}

void Looks::gather_queries(Unit unit, float* queries) const {
  const int64_t row_floats = unit.head_count * layout_.key_dimension;
  for (int64_t r = 0; r < unit.tile->row_count; ++r) {
    const float* const row =
        floats_of(q_) + (unit.tile->first_row + r) * q_.columns + unit.first_head * layout_.key_dimension;
    std::copy_n(row, row_floats, queries + r * row_floats);
  }
  vector_.scale(parameters_.scale, unit.tile->row_count * row_floats, queries);
}

/// For each query the first slot of the page that it sees, then for each the slot past the last.
void Looks::find_slots(Unit unit, int32_t page_start, std::vector<int32_t>& slots) const {
  slots.resize(static_cast<size_t>(2 * unit.queries()));
  const auto slot_of = [&](int32_t position) { return std::clamp(position - page_start, 0, kPagePositions); };
  auto first = slots.begin();
  auto end = slots.begin() + unit.queries();
  for (int64_t r = unit.tile->first_row; r < unit.tile->first_row + unit.tile->row_count; ++r) {
    first = std::fill_n(first, unit.head_count, slot_of(visible_.first(r)));
    end = std::fill_n(end, unit.head_count, slot_of(visible_.end(r)));
  }
}

/// Of each query's head.
void Looks::find_slopes(Unit unit, std::vector<float>& slopes) const {
  slopes.clear();
  const auto heads =
      parameters_.slopes.subspan(static_cast<size_t>(unit.first_head), static_cast<size_t>(unit.head_count));
  for (int64_t r = 0; r < unit.tile->row_count; ++r) slopes.insert(slopes.end(), heads.begin(), heads.end());
}

/// Where each query's own position is, counted in slots of the page.
void Looks::find_places(Unit unit, int32_t page_start, std::vector<float>& places) const {
  places.clear();
  for (int64_t r = unit.tile->first_row; r < unit.tile->first_row + unit.tile->row_count; ++r) {
    const int32_t place = rows_.positions[static_cast<size_t>(r)] - page_start;
    places.insert(places.end(), static_cast<size_t>(unit.head_count), static_cast<float>(place));
  }
}

/// Of each query, for each slot of the page.
void Looks::find_gains(Unit unit, int32_t page_start, std::vector<float>& gains) const {
  gains.clear();
  const auto distances = static_cast<int64_t>(parameters_.distance_gains.size()) / parameters_.n_head;
  const auto most = static_cast<int32_t>(distances / 2);
  for (int64_t r = unit.tile->first_row; r < unit.tile->first_row + unit.tile->row_count; ++r) {
    const int32_t position = rows_.positions[static_cast<size_t>(r)];
    for (int64_t head = unit.first_head; head < unit.first_head + unit.head_count; ++head) {
      const float* const at_row = parameters_.distance_gains.data() + head * distances + most;
      for (int32_t slot = 0; slot < kPagePositions; ++slot) {
        gains.push_back(at_row[std::clamp(page_start + slot - position, -most, most)]);
      }
    }
  }
}

}  // namespace hearth::cpu
