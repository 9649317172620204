// What queries look at of a key-value head, page after page, as the kernels of attention take it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/compute/backend.h"
#include "engine/compute/cpu/attention.h"
#include "engine/compute/cpu/context.h"
#include "engine/compute/cpu/running_softmax.h"
#include "engine/compute/cpu/visible_positions.h"
#include "engine/compute/host.h"

namespace hearth::cpu {

/// Neighbouring rows of one sequence, which look at the same keys; or one row alone, which looks at those
/// that are chosen for it: then its positions are counted among these.
struct QueryTile {
  int64_t first_row;
  int64_t row_count;
  int32_t sequence;
  int32_t first_position;  // the first that one of the rows sees
  int32_t end_position;    // past the last that one of them sees
  bool is_chosen;

  int32_t first_range() const { return first_position / kRangePositions; }
  int32_t end_range() const { return (end_position - 1) / kRangePositions + 1; }
};

/// A tile's queries to one key-value head: row after row, each with the heads that share it, or with some of
/// those where they are more than a tile's queries.
struct Unit {
  const QueryTile* tile;
  int32_t head_kv;
  int64_t first_head;
  int64_t head_count;

  int64_t queries() const { return tile->row_count * head_count; }
};

/// The looks of one call of attend.
class Looks {
 public:
  Looks(const VectorKernels& vector, const AttentionParameters& parameters, const KvPages& kv,
        const BatchRows& rows, Tensor q)
      : vector_(vector),
        parameters_(parameters),
        kv_(kv),
        layout_(kv.layout),
        memory_(address_of(kv.memory)),
        rows_(rows),
        visible_(parameters, rows),
        q_(q) {}

  const VisiblePositions& visible() const { return visible_; }

  /// That the units' queries, a page of chosen positions, and work on any one of the units take.
  int64_t work_floats(std::span<const Unit> units) const;

  /// Looks of neighbouring units of one tile, each with its state, one of `states` after the other, which
  /// becomes that of having seen nothing. They keep to `work`, of work_floats(units).
  std::vector<PageAttention> begin(std::span<const Unit> units, float* states, float* work) const;

  /// Turns the look of the unit of that number to the page of that index in its sequence.
  void turn(std::span<const Unit> units, size_t number, int32_t index, ThreadScratch& scratch,
            PageAttention& look) const;

 private:
  int64_t gathered_floats() const;

  std::span<const int32_t> pages(Unit unit) const {
    return rows_.pages[static_cast<size_t>(unit.tile->sequence)];
  }
  /// A page of the unit's sequence, by its place in that.
  int32_t page(Unit unit, int32_t index) const { return pages(unit)[static_cast<size_t>(index)]; }
  const std::byte* keys(Unit unit, int32_t index) const {
    return memory_ + layout_.key_offset(page(unit, index), unit.head_kv);
  }
  const std::byte* values(Unit unit, int32_t index) const {
    return layout_.values_in_keys ? nullptr : memory_ + layout_.value_offset(page(unit, index), unit.head_kv);
  }

  void find_page(std::span<const Unit> units, size_t number, int32_t index, PageAttention& look) const;
  void gather(Unit unit, int32_t first, int32_t end, std::byte* page) const;
  void gather_queries(Unit unit, float* queries) const;
  void find_slots(Unit unit, int32_t page_start, std::vector<int32_t>& slots) const;
  void find_slopes(Unit unit, std::vector<float>& slopes) const;
  void find_places(Unit unit, int32_t page_start, std::vector<float>& places) const;
  void find_gains(Unit unit, int32_t page_start, std::vector<float>& gains) const;

  const VectorKernels& vector_;
  const AttentionParameters& parameters_;
  const KvPages& kv_;
  const KvLayout& layout_;
  const std::byte* memory_;
  const BatchRows& rows_;
  VisiblePositions visible_;
  Tensor q_;
};

}  // namespace hearth::cpu
