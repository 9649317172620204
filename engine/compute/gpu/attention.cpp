// Keys and values, and what looks them up.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/compute/gpu/attention_rows.h"
#include "engine/compute/gpu/gpu_backend.h"

namespace hearth::gpu {
namespace {

/// Where the step's data would have what is not there.
constexpr uint32_t kAbsent = 0xFFFFFFFF;

/// What a group's memory holds of a query (kernels/parts/attend/products.wgsl).
constexpr int32_t kLargestHead = 640;

/// Up to so many tiles a group goes through one after the other: a second kernel would take longer.
constexpr uint32_t kFewTiles = 2;
/// More groups than that leave no GPU idle, so that none needs to be split.
constexpr uint64_t kManyGroups = 512;
/// What tiles by themselves may take; beyond that none is.
constexpr uint64_t kMostPartialBytes = 128 << 20;

/// A KvLayout in words. Within the bytes of a head in a page, types of blocks have the elements of all
/// positions first and their scales behind them (kernels/parts/kv).
struct PageWords {
  explicit PageWords(const KvLayout& layout)
      : page(words(layout.page_bytes())),
        key(words(kPagePositions * layout.key_bytes())),
        values_begin(layout.values_in_keys ? 0 : static_cast<uint32_t>(layout.n_head_kv) * key),
        value(layout.values_in_keys ? key : words(kPagePositions * layout.value_bytes())),
        value_stride(layout.values_in_keys ? layout.key_dimension : layout.value_dimension) {}

  static uint32_t words(uint64_t bytes) { return static_cast<uint32_t>(bytes / sizeof(uint32_t)); }

  uint32_t page;
  uint32_t key;           // of a head's keys
  uint32_t values_begin;  // from the beginning of a page
  uint32_t value;         // of a head's values
  int32_t value_stride;   // elements from value to value
};

Operand pages_of(const KvPages& kv, bool written) { return {kv.memory, kv.layout.total_bytes(), written}; }

/// With 8 queries kernel attend takes so much of a group's memory, and keys and values of up to so many
/// elements (kernels/parts/attend/products.wgsl).
constexpr uint32_t kEightQueriesBytes = 20 << 10;
constexpr int32_t kEightQueriesHead = 256;

/// How many queries that share keys a group has, of the numbers that kernel attend is made for.
uint32_t queries_a_group(const DeviceProperties& device, const KvLayout& layout, const SeenRows& seen,
                         uint32_t heads_a_key) {
  uint32_t most = 0;
  for (const AttentionRun& run : seen.runs) most = std::max(most, run.count * heads_a_key);
  if (most == 1) return 1;
  const bool may_be_eight = std::max(layout.key_dimension, layout.value_dimension) <= kEightQueriesHead &&
                            device.group_memory_bytes >= kEightQueriesBytes;
  return most > 4 && may_be_eight ? 8 : 4;
}

/// What a group of kernel attend does, as its words have it: queries [query, query + count) of those that
/// begin with row `row`, which see some of positions [first, end).
struct AttentionWork {
  uint32_t row = 0;
  uint32_t query = 0;
  uint32_t count = 0;
  uint32_t sequence = 0;
  uint32_t first = 0;
  uint32_t end = 0;
};

std::vector<AttentionWork> works_of(const SeenRows& seen, uint32_t heads_a_key, uint32_t queries) {
  std::vector<AttentionWork> works;
  for (const AttentionRun& run : seen.runs) {
    const uint32_t all = run.count * heads_a_key;
    for (uint32_t query = 0; query < all; query += queries) {
      AttentionWork work{run.first, query, std::min(queries, all - query), run.sequence, 0xFFFFFFFF, 0};
      for (uint32_t row = query / heads_a_key; row <= (query + work.count - 1) / heads_a_key; ++row) {
        work.first = std::min(work.first, seen.rows[run.first + row].first);
        work.end = std::max(work.end, seen.rows[run.first + row].end);
      }
      works.push_back(work);
    }
  }
  return works;
}

}  // namespace

void GpuBackend::append_kv(const KvPages& kv, const BatchRows& rows, Tensor k, Tensor v) {
  const KvLayout& layout = kv.layout;
  const PageWords words(layout);
  const uint32_t positions = recorder_.data(rows.positions);
  Rotation turns;
  Tensor q;
  const RecordedRotation* last = last_rotation();
  if (last != nullptr && last->rotation.positions == positions &&
      last->head_dimension == layout.key_dimension && last->x.rows == k.rows &&
      (last->x.data == k.data || (last->y.data && last->y.data == k.data))) {
    turns = last->rotation;
    q = last->x.data == k.data ? last->y : last->x;
    recorder_.take_back_last();
    last_rotation_.reset();
  }
  const auto q_heads = static_cast<uint32_t>(q.data ? q.columns / layout.key_dimension : 0);
  const PositionPairs pairs = position_pairs(rows);
  const auto heads = q_heads + static_cast<uint32_t>(layout.n_head_kv) * (layout.values_in_keys ? 1 : 2);
  recorder_.call(fmt::format("append_kv/kv={}", name_of_cache(layout.type)),
                 {writes(q), writes(k), layout.values_in_keys ? Operand() : reads(v), pages_of(kv, true)},
                 {pairs.count, recorder_.data(pairs.words), positions, q_heads, layout.n_head_kv,
                  layout.key_dimension, layout.value_dimension, words.page, words.values_begin, words.key,
                  words.value, turns.frequencies, turns.pairs, turns.is_adjacent, turns.magnitude},
                 recorder_.groups_for(uint64_t{pairs.count} * heads));
}

void GpuBackend::attend(const AttentionParameters& parameters, const KvPages& kv, const BatchRows& rows,
                        Tensor q, Tensor out) {
  const KvLayout& layout = kv.layout;
  if (std::max(layout.key_dimension, layout.value_dimension) > kLargestHead) {
    return recorder_.fail(
        {ErrorCode::kUnsupported,
         fmt::format("heads of {} numbers are more than GPUs take ({}); choose the device 'cpu'",
                     std::max(layout.key_dimension, layout.value_dimension), kLargestHead)});
  }
  const PageWords words(layout);
  const ChosenPositions& chosen = parameters.chosen;
  const SeenRows seen = seen_rows(parameters, rows);
  const auto heads_a_key = static_cast<uint32_t>(parameters.n_head / layout.n_head_kv);
  const uint32_t queries = queries_a_group(recorder_.device(), layout, seen, heads_a_key);
  const std::vector<AttentionWork> works = works_of(seen, heads_a_key, queries);
  const auto key_heads = static_cast<uint64_t>(layout.n_head_kv);
  uint32_t row_tiles = 0;
  for (const SeenRow& row : seen.rows) row_tiles = std::max(row_tiles, tiles_of(row.first, row.end));
  const uint64_t partial_words = static_cast<uint64_t>(q.rows) * static_cast<uint64_t>(parameters.n_head) *
                                 row_tiles * static_cast<uint64_t>(layout.value_dimension + 2);
  Operand partial{{}, partial_words * sizeof(float), true};
  const bool is_split =
      row_tiles > kFewTiles && works.size() * key_heads < kManyGroups && partial.bytes <= kMostPartialBytes;
  if (is_split) partial.buffer = scratch(partial.bytes);

  const uint32_t row_words = recorder_.data(seen.words());
  uint64_t work_tiles = 1;
  std::vector<uint32_t> work_words;
  for (const AttentionWork& work : works) {
    if (is_split) work_tiles = std::max<uint64_t>(work_tiles, tiles_of(work.first, work.end));
    work_words.insert(work_words.end(), {row_words + work.row * SeenRow::kWords, work.query, work.count,
                                         recorder_.data(rows.pages[work.sequence]), work.first, work.end});
  }
  const auto data_of = [&](std::span<const float> numbers) {
    return numbers.empty() ? kAbsent : recorder_.data(numbers);
  };
  const Operand sinks = reads(parameters.sinks);
  recorder_.call(fmt::format("attend/kv={},queries={}", name_of_cache(layout.type), queries),
                 {reads(q), pages_of(kv, false), sinks, reads(chosen.blocks), writes(out), partial},
                 {recorder_.data(work_words),
                  parameters.n_head,
                  heads_a_key,
                  layout.key_dimension,
                  layout.value_dimension,
                  words.page,
                  words.values_begin,
                  words.key,
                  words.value,
                  words.value_stride,
                  parameters.scale,
                  parameters.soft_cap,
                  data_of(parameters.slopes),
                  data_of(parameters.distance_gains),
                  static_cast<int64_t>(parameters.distance_gains.size()) / parameters.n_head,
                  chosen.lists,
                  chosen.count(),
                  chosen.block,
                  is_split,
                  row_tiles},
                 {works.size(), key_heads, work_tiles});
  if (!is_split) return;
  recorder_.call("attend_merge", {partial, sinks, writes(out)},
                 {row_words, parameters.n_head, layout.value_dimension, row_tiles},
                 {static_cast<uint64_t>(parameters.n_head), static_cast<uint64_t>(q.rows), 1});
}

}  // namespace hearth::gpu
