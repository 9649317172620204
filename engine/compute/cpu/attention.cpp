#include "engine/compute/cpu/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/compute/cpu/kv_pages.h"
#include "engine/compute/cpu/running_softmax.h"
#include "engine/compute/cpu/visible_positions.h"
#include "engine/compute/host.h"

namespace hearth::cpu {
namespace {

/// Queries that pass over the keys together. Each page is unpacked once for all of them, and their vectors,
/// scores and outputs (64 x 64 f32 each, 16 KiB) stay in the level 2 cache.
constexpr int64_t kTileQueries = 64;

/// With fewer tasks than this for each thread, ranges are shared out too.
constexpr int64_t kUnitsPerThread = 8;

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
  int64_t first_head;  // of those that share it
  int64_t head_count;

  int64_t queries() const { return tile->row_count * head_count; }
};

/// One call of attend.
class Attention {
 public:
  Attention(Context& context, const AttentionParameters& parameters, const KvPages& kv, const BatchRows& rows,
            Tensor q, Tensor out)
      : context_(context),
        parameters_(parameters),
        kv_(kv),
        layout_(kv.layout),
        memory_(address_of(kv.memory)),
        rows_(rows),
        visible_(parameters, rows),
        q_(q),
        out_(out),
        group_(parameters.n_head / kv.layout.n_head_kv),
        parts_((group_ + kTileQueries - 1) / kTileQueries) {}

  void run();

 private:
  void make_tiles();
  /// Longer contexts, later in a prompt, come first: what is left at the end is short.
  Unit unit(int64_t index) const;
  int64_t unit_count() const { return static_cast<int64_t>(tiles_.size()) * layout_.n_head_kv * parts_; }
  /// Its first column of heads of so many columns.
  int64_t first_column(Unit unit, int64_t head_columns) const {
    return (unit.head_kv * group_ + unit.first_head) * head_columns;
  }

  int64_t state_floats(Unit unit) const {
    return RunningSoftmax::floats(unit.queries(), layout_.value_dimension);
  }
  int64_t work_floats(Unit unit) const {
    return gathered_floats() + unit.queries() * layout_.key_dimension +
           page_attention_scratch(unit.queries(), layout_.key_dimension, layout_.value_dimension);
  }
  /// For a page of chosen positions.
  int64_t gathered_floats() const {
    if (parameters_.chosen.blocks.columns == 0) return 0;
    return static_cast<int64_t>(kPagePositions * layout_.position_bytes() / sizeof(float));
  }
  RunningSoftmax state(Unit unit, float* memory) const {
    return {unit.queries(), layout_.value_dimension, memory};
  }

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

  void share_out_units();
  void share_out_ranges();
  void attend_range(Unit unit, int32_t range, RunningSoftmax state, float* work, int thread) const;
  void look_at(Unit unit, int32_t index, std::byte* gathered, PageAttention& look) const;
  void gather(Unit unit, int32_t first, int32_t end, std::byte* page) const;
  void gather_queries(Unit unit, float* queries) const;
  void find_slots(Unit unit, int32_t page_start, std::vector<int32_t>& slots) const;
  void find_slopes(Unit unit, std::vector<float>& slopes) const;
  void find_places(Unit unit, int32_t page_start, std::vector<float>& places) const;
  void find_gains(Unit unit, int32_t page_start, std::vector<float>& gains) const;
  void write(Unit unit, RunningSoftmax state) const;
  float share(Unit unit, const RunningSoftmax& state, int64_t query) const;

  Context& context_;
  const AttentionParameters& parameters_;
  const KvPages& kv_;
  const KvLayout& layout_;
  const std::byte* memory_;
  const BatchRows& rows_;
  VisiblePositions visible_;
  Tensor q_;
  Tensor out_;
  int64_t group_;  // query heads to a key-value head
  int64_t parts_;  // that they are cut into
  std::vector<QueryTile> tiles_;
};

void Attention::make_tiles() {
  const int64_t most_rows = std::max<int64_t>(1, kTileQueries / group_);
  for (int64_t r = 0; r < q_.rows; ++r) {
    const int32_t sequence = rows_.sequences[static_cast<size_t>(r)];
    if (tiles_.empty() || tiles_.back().sequence != sequence || tiles_.back().row_count == most_rows ||
        visible_.is_chosen(r)) {
      tiles_.push_back({r, 0, sequence, std::numeric_limits<int32_t>::max(), 0, visible_.is_chosen(r)});
    }
    QueryTile& tile = tiles_.back();
    ++tile.row_count;
    tile.first_position = std::min(tile.first_position, visible_.first(r));
    tile.end_position = std::max(tile.end_position, visible_.end(r));
  }
}

Unit Attention::unit(int64_t index) const {
  const int64_t part = index % parts_;
  const int64_t from_the_end = index / parts_ / layout_.n_head_kv;
  const int64_t first = part * group_ / parts_;
  return {&tiles_[tiles_.size() - 1 - static_cast<size_t>(from_the_end)],
          static_cast<int32_t>(index / parts_ % layout_.n_head_kv), first,
          (part + 1) * group_ / parts_ - first};
}

void Attention::run() {
  if (q_.rows == 0) return;
  make_tiles();
  const bool is_long = std::ranges::any_of(
      tiles_, [](const QueryTile& tile) { return tile.end_range() - tile.first_range() > 1; });
  if (is_long && unit_count() < kUnitsPerThread * context_.pool.thread_count()) {
    share_out_ranges();
  } else {
    share_out_units();
  }
}

void Attention::share_out_units() {
  const QueryTile& last = tiles_.back();
  const int64_t elements = (last.end_position - last.first_position) * last.row_count * group_ *
                           (layout_.key_dimension + layout_.value_dimension) / 8;
  parallel_for(context_, unit_count(), elements, [&](int64_t index, int thread) {
    const Unit unit = this->unit(index);
    float* const memory = context_.scratch(thread).floats.floats(2 * state_floats(unit) + work_floats(unit));
    const RunningSoftmax total = state(unit, memory);
    const RunningSoftmax part = state(unit, memory + state_floats(unit));
    float* const work = memory + 2 * state_floats(unit);
    attend_range(unit, unit.tile->first_range(), total, work, thread);
    for (int32_t range = unit.tile->first_range() + 1; range < unit.tile->end_range(); ++range) {
      attend_range(unit, range, part, work, thread);
      total.merge(context_.vector, part);
    }
    write(unit, total);
  });
}

void Attention::share_out_ranges() {
  struct Task {
    Unit unit;
    int32_t range;
    int64_t offset;  // of its result in the shared scratch
  };
  std::vector<Task> tasks;
  std::vector<size_t> first_tasks;  // of each unit
  int64_t floats = 0;
  for (int64_t index = 0; index < unit_count(); ++index) {
    const Unit unit = this->unit(index);
    first_tasks.push_back(tasks.size());
    for (int32_t range = unit.tile->first_range(); range < unit.tile->end_range(); ++range) {
      tasks.push_back({unit, range, floats});
      floats += state_floats(unit);
    }
  }
  float* const results = context_.shared.floats(floats);
  context_.pool.run(static_cast<int64_t>(tasks.size()), [&](int64_t index, int thread) {
    const Task& task = tasks[static_cast<size_t>(index)];
    float* const work = context_.scratch(thread).floats.floats(work_floats(task.unit));
    attend_range(task.unit, task.range, state(task.unit, results + task.offset), work, thread);
  });

  const int64_t elements = floats / unit_count();
  parallel_for(context_, unit_count(), elements, [&](int64_t index, int thread) {
    const Unit unit = this->unit(index);
    float* const memory = context_.scratch(thread).floats.floats(state_floats(unit));
    const RunningSoftmax total = state(unit, memory);
    total.clear();
    size_t task = first_tasks[static_cast<size_t>(index)];
    for (int32_t range = unit.tile->first_range(); range < unit.tile->end_range(); ++range, ++task) {
      total.merge(context_.vector, state(unit, results + tasks[task].offset));
    }
    write(unit, total);
  });
}

/// Gives the running softmax of the unit's queries over the keys of one range.
void Attention::attend_range(Unit unit, int32_t range, RunningSoftmax state, float* work, int thread) const {
  const QueryTile& tile = *unit.tile;
  const int32_t first_page = std::max(range * kRangePositions, tile.first_position) / kPagePositions;
  const int32_t end = std::min((range + 1) * kRangePositions, tile.end_position);
  std::vector<int32_t>& slots = context_.scratch(thread).slots;
  std::vector<float>& slopes = context_.scratch(thread).slopes;
  std::vector<float>& places = context_.scratch(thread).places;
  std::vector<float>& gains = context_.scratch(thread).gains;

  state.clear();
  auto* const gathered = reinterpret_cast<std::byte*>(work);
  work += gathered_floats();
  gather_queries(unit, work);
  PageAttention look;
  look.type = layout_.type;
  look.key_dimension = layout_.key_dimension;
  look.value_dimension = layout_.value_dimension;
  look.rows = state.queries;
  look.queries = work;
  look.soft_cap = parameters_.soft_cap;
  look.maxima = state.maxima;
  look.sums = state.sums;
  look.outputs = state.outputs;
  look.scratch = work + state.queries * layout_.key_dimension;
  if (!parameters_.slopes.empty()) {
    find_slopes(unit, slopes);
    look.slopes = slopes.data();
  }
  for (int32_t index = first_page; index * kPagePositions < end; ++index) {
    find_slots(unit, index * kPagePositions, slots);
    look.first_slot = slots.data();
    look.end_slot = slots.data() + state.queries;
    if (look.slopes != nullptr) {
      find_places(unit, index * kPagePositions, places);
      look.places = places.data();
    }
    if (!parameters_.distance_gains.empty()) {
      find_gains(unit, index * kPagePositions, gains);
      look.gains = gains.data();
    }
    look_at(unit, index, gathered, look);
    context_.vector.attend_page(look);
  }
}

/// The page of that number; of chosen positions it is made of theirs.
void Attention::look_at(Unit unit, int32_t index, std::byte* gathered, PageAttention& look) const {
  const int32_t next = index + 1;
  const int32_t end = unit.tile->end_position;
  if (unit.tile->is_chosen) {
    gather(unit, index * kPagePositions, std::min(next * kPagePositions, end), gathered);
    look.keys = gathered;
    look.values = layout_.values_in_keys ? nullptr : gathered + kPagePositions * layout_.key_bytes();
    return;
  }
  look.keys = keys(unit, index);
  look.values = values(unit, index);
  // The next range, too, is mostly this thread's.
  look.next_keys = next * kPagePositions < end ? keys(unit, next) : nullptr;
}

/// Those of the unit's chosen positions from `first` up to `end`.
void Attention::gather(Unit unit, int32_t first, int32_t end, std::byte* page) const {
  const ChosenPositions& chosen = parameters_.chosen;
  const float* const list = floats_of(chosen.blocks) + unit.tile->first_row * chosen.blocks.columns +
                            (chosen.lists > 1 ? unit.head_kv * chosen.count() : 0);
  int32_t positions[kPagePositions];
  for (int32_t i = first; i < end; ++i) {
    positions[i - first] = static_cast<int32_t>(list[i / chosen.block]) * chosen.block + i % chosen.block;
  }
  gather_positions(kv_, pages(unit), unit.head_kv, {positions, static_cast<size_t>(end - first)}, page);
}

void Attention::gather_queries(Unit unit, float* queries) const {
  const int64_t row_floats = unit.head_count * layout_.key_dimension;
  for (int64_t r = 0; r < unit.tile->row_count; ++r) {
    const float* const row =
        floats_of(q_) + (unit.tile->first_row + r) * q_.columns + first_column(unit, layout_.key_dimension);
    std::copy_n(row, row_floats, queries + r * row_floats);
  }
  context_.vector.scale(parameters_.scale, unit.tile->row_count * row_floats, queries);
}

/// For each query the first slot of the page that it sees, then for each the slot past the last.
void Attention::find_slots(Unit unit, int32_t page_start, std::vector<int32_t>& slots) const {
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
void Attention::find_slopes(Unit unit, std::vector<float>& slopes) const {
  slopes.clear();
  const auto heads = parameters_.slopes.subspan(static_cast<size_t>(first_column(unit, 1)),
                                                static_cast<size_t>(unit.head_count));
  for (int64_t r = 0; r < unit.tile->row_count; ++r) slopes.insert(slopes.end(), heads.begin(), heads.end());
}

/// Where each query's own position is, counted in slots of the page.
void Attention::find_places(Unit unit, int32_t page_start, std::vector<float>& places) const {
  places.clear();
  for (int64_t r = unit.tile->first_row; r < unit.tile->first_row + unit.tile->row_count; ++r) {
    const int32_t place = rows_.positions[static_cast<size_t>(r)] - page_start;
    places.insert(places.end(), static_cast<size_t>(unit.head_count), static_cast<float>(place));
  }
}

/// Of each query, for each slot of the page.
void Attention::find_gains(Unit unit, int32_t page_start, std::vector<float>& gains) const {
  gains.clear();
  const auto distances = static_cast<int64_t>(parameters_.distance_gains.size()) / parameters_.n_head;
  const auto most = static_cast<int32_t>(distances / 2);
  for (int64_t r = unit.tile->first_row; r < unit.tile->first_row + unit.tile->row_count; ++r) {
    const int32_t position = rows_.positions[static_cast<size_t>(r)];
    for (int64_t head = first_column(unit, 1); head < first_column(unit, 1) + unit.head_count; ++head) {
      const float* const at_row = parameters_.distance_gains.data() + head * distances + most;
      for (int32_t slot = 0; slot < kPagePositions; ++slot) {
        gains.push_back(at_row[std::clamp(page_start + slot - position, -most, most)]);
      }
    }
  }
}

void Attention::write(Unit unit, RunningSoftmax state) const {
  for (int64_t q = 0; q < state.queries; ++q) {
    const int64_t row = unit.tile->first_row + q / unit.head_count;
    float* const to = floats_of(out_) + row * out_.columns + first_column(unit, state.dimension) +
                      q % unit.head_count * state.dimension;
    std::copy_n(state.outputs + q * state.dimension, state.dimension, to);
    context_.vector.scale(share(unit, state, q), state.dimension, to);
  }
}

/// What a query's outputs are to be multiplied with: 1 / its sum, with the score of its head's sink in it.
float Attention::share(Unit unit, const RunningSoftmax& state, int64_t query) const {
  const float sum = state.sums[query];
  if (!parameters_.sinks) return 1.0F / sum;
  const float sink = floats_of(parameters_.sinks)[first_column(unit, 1) + query % unit.head_count];
  const float maximum = state.maxima[query];
  // The larger of the two is taken from both, as in the softmax.
  if (sink <= maximum) return 1.0F / (sum + std::exp(sink - maximum));
  const float factor = std::exp(maximum - sink);
  return factor / (sum * factor + 1.0F);
}

}  // namespace

void attend(Context& context, const AttentionParameters& parameters, const KvPages& kv, const BatchRows& rows,
            Tensor q, Tensor out) {
  Attention(context, parameters, kv, rows, q, out).run();
}

}  // namespace hearth::cpu
