#include "engine/compute/cpu/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/compute/cpu/attention_looks.h"
#include "engine/compute/cpu/running_softmax.h"
#include "engine/compute/host.h"

namespace hearth::cpu {
namespace {

/// Queries that pass over the keys together. Each page is unpacked once for all of them, and their vectors,
/// scores and outputs (64 x 64 f32 each, 16 KiB) stay in the level 2 cache.
constexpr int64_t kTileQueries = 64;

/// With fewer tasks than this for each thread, ranges are shared out too.
constexpr int64_t kUnitsPerThread = 8;

/// Of so few queries to a key, what is read takes longer than what is computed, and longest out of order: a
/// head of each page after the other at three quarters of the rate of whole pages (Zen 5, one thread).
constexpr int64_t kReadingQueries = 16;

/// Ranges are cut into as many tasks: enough for threads that begin or end late, each as long as can be.
constexpr int64_t kReadingTasksPerThread = 4;

/// One call of attend.
class Attention {
 public:
  Attention(Context& context, const AttentionParameters& parameters, const KvPages& kv, const BatchRows& rows,
            Tensor q, Tensor out)
      : context_(context),
        parameters_(parameters),
        layout_(kv.layout),
        rows_(rows),
        looks_(context.vector, parameters, kv, rows, q),
        row_count_(q.rows),
        out_(out),
        group_(parameters.n_head / kv.layout.n_head_kv),
        parts_((group_ + kTileQueries - 1) / kTileQueries) {}

  void run();

 private:
  void make_tiles();
  /// Longer contexts, later in a prompt, come first: what is left at the end is short.
  Unit unit(int64_t index) const;
  int64_t tile_units() const { return layout_.n_head_kv * parts_; }
  int64_t unit_count() const { return static_cast<int64_t>(tiles_.size()) * tile_units(); }
  int64_t state_floats(Unit unit) const {
    return RunningSoftmax::floats(unit.queries(), layout_.value_dimension);
  }
  /// Where it is among the states of all heads of the tile, which lie side by side.
  int64_t state_offset(Unit unit) const {
    return RunningSoftmax::floats(unit.tile->row_count * unit.first_head, layout_.value_dimension);
  }
  int64_t tile_floats(const QueryTile& tile) const {
    return RunningSoftmax::floats(tile.row_count * parameters_.n_head, layout_.value_dimension);
  }
  RunningSoftmax state(Unit unit, float* memory) const {
    return {unit.queries(), layout_.value_dimension, memory};
  }

  bool reads_more() const;
  void share_out_units();
  int64_t units_together() const;
  void share_out_ranges();
  void attend_range(std::span<const Unit> units, int32_t range, float* states, float* work, int thread) const;
  void write(Unit unit, RunningSoftmax state) const;
  float share(Unit unit, const RunningSoftmax& state, int64_t query) const;

  Context& context_;
  const AttentionParameters& parameters_;
  const KvLayout& layout_;
  const BatchRows& rows_;
  Looks looks_;
  int64_t row_count_;
  Tensor out_;
  int64_t group_;  // query heads to a key-value head
  int64_t parts_;  // that they are cut into
  std::vector<QueryTile> tiles_;
};

void Attention::make_tiles() {
  const int64_t most_rows = std::max<int64_t>(1, kTileQueries / group_);
  for (int64_t r = 0; r < row_count_; ++r) {
    const int32_t sequence = rows_.sequences[static_cast<size_t>(r)];
    if (tiles_.empty() || tiles_.back().sequence != sequence || tiles_.back().row_count == most_rows ||
        looks_.visible().is_chosen(r)) {
      tiles_.push_back(
          {r, 0, sequence, std::numeric_limits<int32_t>::max(), 0, looks_.visible().is_chosen(r)});
    }
    QueryTile& tile = tiles_.back();
    ++tile.row_count;
    tile.first_position = std::min(tile.first_position, looks_.visible().first(r));
    tile.end_position = std::max(tile.end_position, looks_.visible().end(r));
  }
}

Unit Attention::unit(int64_t index) const {
  const int64_t part = index % parts_;
  const int64_t head_kv = index / parts_ % layout_.n_head_kv;
  const int64_t from_the_end = index / tile_units();
  const int64_t first = part * group_ / parts_;
  return {&tiles_[tiles_.size() - 1 - static_cast<size_t>(from_the_end)], static_cast<int32_t>(head_kv),
          head_kv * group_ + first, (part + 1) * group_ / parts_ - first};
}

void Attention::run() {
  if (row_count_ == 0) return;
  make_tiles();
  const bool is_long = std::ranges::any_of(
      tiles_, [](const QueryTile& tile) { return tile.end_range() - tile.first_range() > 1; });
  if (is_long && (reads_more() || unit_count() < kUnitsPerThread * context_.pool.thread_count())) {
    share_out_ranges();
  } else {
    share_out_units();
  }
}

bool Attention::reads_more() const {
  return std::ranges::all_of(
      tiles_, [&](const QueryTile& tile) { return tile.row_count * group_ <= kReadingQueries; });
}

void Attention::share_out_units() {
  const QueryTile& last = tiles_.back();
  const int64_t elements = (last.end_position - last.first_position) * last.row_count * group_ *
                           (layout_.key_dimension + layout_.value_dimension) / 8;
  parallel_for(context_, unit_count(), elements, [&](int64_t index, int thread) {
    const Unit unit = this->unit(index);
    const int64_t floats = state_floats(unit);
    float* const total = context_.scratch(thread).floats.floats(2 * floats + looks_.work_floats({&unit, 1}));
    float* const part = total + floats;
    float* const work = part + floats;
    attend_range({&unit, 1}, unit.tile->first_range(), total, work, thread);
    for (int32_t range = unit.tile->first_range() + 1; range < unit.tile->end_range(); ++range) {
      attend_range({&unit, 1}, range, part, work, thread);
      state(unit, total).merge(context_.vector, state(unit, part));
    }
    write(unit, state(unit, total));
  });
}

/// How many of a tile's units look at a range together: all, whose pages then are read from end to end, or
/// where that makes too few tasks a part of them.
int64_t Attention::units_together() const {
  int64_t ranges = 0;
  for (const QueryTile& tile : tiles_) ranges += tile.end_range() - tile.first_range();
  const int64_t tasks = kReadingTasksPerThread * context_.pool.thread_count();
  const int64_t parts = std::clamp<int64_t>((tasks + ranges - 1) / ranges, 1, tile_units());
  return (tile_units() + parts - 1) / parts;
}

void Attention::share_out_ranges() {
  struct Task {
    int64_t first_unit;
    int64_t unit_count;
    int32_t range;
    int64_t offset;  // of its results in the shared scratch
  };
  std::vector<Task> tasks;
  std::vector<int64_t> offsets;  // of each tile's first range
  const int64_t most = units_together();
  int64_t floats = 0;
  for (int64_t first = 0; first < unit_count(); first += tile_units()) {
    const QueryTile& tile = *unit(first).tile;
    offsets.push_back(floats);
    for (int32_t range = tile.first_range(); range < tile.end_range(); ++range) {
      for (int64_t u = 0; u < tile_units(); u += most) {
        const int64_t count = std::min(most, tile_units() - u);
        tasks.push_back({first + u, count, range, floats + state_offset(unit(first + u))});
      }
      floats += tile_floats(tile);
    }
  }
  float* const results = context_.shared.floats(floats);
  context_.pool.run(static_cast<int64_t>(tasks.size()), [&](int64_t index, int thread) {
    const Task& task = tasks[static_cast<size_t>(index)];
    std::vector<Unit> units;
    for (int64_t u = 0; u < task.unit_count; ++u) units.push_back(unit(task.first_unit + u));
    float* const work = context_.scratch(thread).floats.floats(looks_.work_floats(units));
    attend_range(units, task.range, results + task.offset, work, thread);
  });

  const int64_t elements = floats / unit_count();
  parallel_for(context_, unit_count(), elements, [&](int64_t index, int thread) {
    const Unit unit = this->unit(index);
    const RunningSoftmax total = state(unit, context_.scratch(thread).floats.floats(state_floats(unit)));
    total.clear();
    float* part = results + offsets[static_cast<size_t>(index / tile_units())] + state_offset(unit);
    for (int32_t range = unit.tile->first_range(); range < unit.tile->end_range(); ++range) {
      total.merge(context_.vector, state(unit, part));
      part += tile_floats(*unit.tile);
    }
    write(unit, total);
  });
}

/// Gives the running softmax of the queries of some of a tile's units over the keys of one range, one unit's
/// state after the other's. Page after page, so that units that are neighbours read memory in its order.
void Attention::attend_range(std::span<const Unit> units, int32_t range, float* states, float* work,
                             int thread) const {
  const QueryTile& tile = *units.front().tile;
  const int32_t first_page = std::max(range * kRangePositions, tile.first_position) / kPagePositions;
  const int32_t end = std::min((range + 1) * kRangePositions, tile.end_position);
  std::vector<PageAttention> looks = looks_.begin(units, states, work);
  for (int32_t index = first_page; index * kPagePositions < end; ++index) {
    for (size_t u = 0; u < units.size(); ++u) {
      looks_.turn(units, u, index, context_.scratch(thread), looks[u]);
      context_.vector.attend_page(looks[u]);
    }
  }
}

void Attention::write(Unit unit, RunningSoftmax state) const {
  for (int64_t q = 0; q < state.queries; ++q) {
    const int64_t row = unit.tile->first_row + q / unit.head_count;
    float* const to = floats_of(out_) + row * out_.columns + unit.first_head * state.dimension +
                      q % unit.head_count * state.dimension;
    std::copy_n(state.outputs + q * state.dimension, state.dimension, to);
    context_.vector.scale(share(unit, state, q), state.dimension, to);
  }
}

/// What a query's outputs are to be multiplied with: 1 / its sum, with the score of its head's sink in it.
float Attention::share(Unit unit, const RunningSoftmax& state, int64_t query) const {
  const float sum = state.sums[query];
  if (!parameters_.sinks) return 1.0F / sum;
  const float sink = floats_of(parameters_.sinks)[unit.first_head + query % unit.head_count];
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
