#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <optional>

#include "engine/compute/reference/arithmetic.h"
#include "engine/compute/reference/memory.h"
#include "engine/compute/reference/operations.h"
#include "engine/format/dequantize.h"
#include "engine/format/quantize.h"

namespace hearth::reference {
namespace {

/// Where one head's key and value of one position lie.
struct KvPlace {
  std::span<std::byte> key;
  std::span<std::byte> value;
};

KvPlace place_of(const KvPages& kv, std::span<const int32_t> pages, int32_t position, int32_t head) {
  const KvLayout& layout = kv.layout;
  const int32_t page = pages[static_cast<size_t>(position / kPagePositions)];
  const auto slot = static_cast<uint64_t>(position % kPagePositions);
  const auto key =
      bytes_at(kv.memory.at(layout.key_offset(page, head) + slot * layout.key_bytes()), layout.key_bytes());
  if (layout.values_in_keys) return {key, key.first(layout.value_bytes())};
  return {key, bytes_at(kv.memory.at(layout.value_offset(page, head) + slot * layout.value_bytes()),
                        layout.value_bytes())};
}

/// The best of so many scores, in their order; of equal ones the earlier are the better.
std::vector<int32_t> best_of(std::span<const double> scores, size_t count) {
  std::vector<int32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](int32_t a, int32_t b) {
    return scores[static_cast<size_t>(a)] > scores[static_cast<size_t>(b)];
  });
  order.resize(count);
  std::ranges::sort(order);
  return order;
}

/// A head's part of a row.
std::span<float> head_of(Tensor x, size_t row, int32_t head, int32_t dimension) {
  const auto size = static_cast<size_t>(dimension);
  return row_of(x, static_cast<int64_t>(row)).subspan(static_cast<size_t>(head) * size, size);
}

std::span<float> list_of(const ChosenPositions& chosen, size_t row, int32_t list) {
  const auto count = static_cast<size_t>(chosen.count());
  return row_of(chosen.blocks, static_cast<int64_t>(row)).subspan(static_cast<size_t>(list) * count, count);
}

/// Positions [first, end).
struct Stretch {
  int32_t first;
  int32_t end;
};

Stretch reach_of(size_t row, const AttentionParameters& parameters, const KeptRows& rows) {
  const int32_t position = rows.positions[row];
  Stretch visible{0, position + 1};
  if (parameters.part == SequencePart::kSource) return {0, rows.source_of(row)};
  if (parameters.part == SequencePart::kAnswer) visible.first = rows.source_of(row);
  if (parameters.causal) {
    if (parameters.window > 0) visible.first = std::max(visible.first, position - parameters.window + 1);
    if (parameters.chunk > 0) visible.first = std::max(visible.first, position - position % parameters.chunk);
    return visible;
  }
  for (size_t other = 0; other < rows.positions.size(); ++other) {
    if (rows.sequences[other] == rows.sequences[row])
      visible.end = std::max(visible.end, rows.positions[other] + 1);
  }
  if (parameters.window == 0) return visible;
  const int64_t reach = parameters.window / 2;
  return {static_cast<int32_t>(std::max<int64_t>(visible.first, position - reach)),
          static_cast<int32_t>(std::min<int64_t>(visible.end, position + reach + 1))};
}

/// What of its sequence a head of keys shows to one row.
std::vector<int32_t> visible_to(size_t row, int32_t head, const AttentionParameters& parameters,
                                const KeptRows& rows) {
  const ChosenPositions& chosen = parameters.chosen;
  if (chosen.chooses(rows.positions[row])) {
    std::vector<int32_t> visible;
    for (const float number : list_of(chosen, row, chosen.lists > 1 ? head : 0)) {
      const int32_t first = static_cast<int32_t>(number) * chosen.block;
      for (int32_t i = first; i < std::min(first + chosen.block, rows.positions[row] + 1); ++i) {
        visible.push_back(i);
      }
    }
    return visible;
  }
  const Stretch reach = reach_of(row, parameters, rows);
  std::vector<int32_t> visible(static_cast<size_t>(reach.end - reach.first));
  std::iota(visible.begin(), visible.end(), reach.first);
  return visible;
}

/// One query's mix of the values that it sees.
class HeadAttention {
 public:
  /// `query_head` is the query's, `head` that of its keys and values.
  HeadAttention(const AttentionParameters& parameters, const KvPages& kv, std::span<const int32_t> pages,
                std::span<const int32_t> visible, size_t query_head, int32_t head)
      : parameters_(parameters),
        kv_(kv),
        pages_(pages),
        visible_(visible),
        head_(head),
        query_head_(query_head),
        slope_(parameters.slopes.empty() ? 0.0F : parameters.slopes[query_head]),
        sink_(parameters.sinks ? std::optional(values_of(parameters.sinks)[query_head]) : std::nullopt) {}

  void attend(std::span<const float> query, int32_t position, std::span<float> out) const {
    std::vector<double> weights = scores(query);
    for (size_t i = 0; i < weights.size(); ++i) {
      const int32_t distance = visible_[i] - position;
      weights[i] += gain(distance) - double{slope_} * std::abs(distance);
    }
    if (sink_) weights.push_back(*sink_);
    softmax(weights);
    if (sink_) weights.pop_back();
    std::vector<float> value(out.size());
    std::vector<double> mix(out.size(), 0.0);
    for (size_t i = 0; i < weights.size(); ++i) {
      dequantize(kv_.layout.type, place(i).value, value);
      for (size_t d = 0; d < mix.size(); ++d) mix[d] += weights[i] * value[d];
    }
    std::ranges::transform(mix, out.begin(), [](double element) { return static_cast<float>(element); });
  }

 private:
  double gain(int32_t distance) const {
    const std::span<const float> gains = parameters_.distance_gains;
    if (gains.empty()) return 0.0;
    const size_t distances = gains.size() / static_cast<size_t>(parameters_.n_head);
    const auto most = static_cast<int32_t>(distances / 2);
    return gains[query_head_ * distances + static_cast<size_t>(std::clamp(distance, -most, most) + most)];
  }

  KvPlace place(size_t index) const { return place_of(kv_, pages_, visible_[index], head_); }

  std::vector<double> scores(std::span<const float> query) const {
    std::vector<double> scores(visible_.size());
    std::vector<float> key(query.size());
    for (size_t i = 0; i < scores.size(); ++i) {
      dequantize(kv_.layout.type, place(i).key, key);
      scores[i] = dot(query, key) * parameters_.scale;
      if (parameters_.soft_cap != 0.0F) scores[i] = capped(scores[i], parameters_.soft_cap);
    }
    return scores;
  }

  const AttentionParameters& parameters_;
  const KvPages& kv_;
  std::span<const int32_t> pages_;
  std::span<const int32_t> visible_;
  int32_t head_;  // of keys and values
  size_t query_head_;
  float slope_;
  std::optional<float> sink_;
};

/// Of all positions that the row sees, for its list of that number.
std::vector<double> position_scores(const KvPages& keys, const KeptRows& rows, size_t row, int32_t list,
                                    Tensor q, Tensor weights) {
  const std::span<const int32_t> pages = rows.pages[static_cast<size_t>(rows.sequences[row])];
  const int32_t dimension = keys.layout.key_dimension;
  std::vector<float> key(static_cast<size_t>(dimension));
  std::vector<double> scores(static_cast<size_t>(rows.positions[row]) + 1, 0.0);
  for (size_t position = 0; position < scores.size(); ++position) {
    dequantize(keys.layout.type, place_of(keys, pages, static_cast<int32_t>(position), 0).key, key);
    if (!weights.data) {
      scores[position] = dot(head_of(q, row, list, dimension), key);
      continue;
    }
    const std::span<const float> of_heads = row_of(weights, static_cast<int64_t>(row));
    for (size_t head = 0; head < of_heads.size(); ++head) {
      const double product = dot(head_of(q, row, static_cast<int32_t>(head), dimension), key);
      scores[position] += of_heads[head] * std::max(product, 0.0);
    }
  }
  return scores;
}

/// The latest blocks' are beyond all others.
std::vector<double> block_scores(const std::vector<double>& positions, const ChosenPositions& chosen) {
  std::vector<double> blocks;
  const auto size = static_cast<size_t>(chosen.block);
  for (size_t first = 0; first < positions.size(); first += size) {
    const size_t end = std::min(first + size, positions.size());
    const bool is_late = (positions.size() - 1) / size - first / size < static_cast<size_t>(chosen.latest);
    blocks.push_back(is_late ? std::numeric_limits<double>::infinity()
                             : *std::max_element(positions.begin() + static_cast<ptrdiff_t>(first),
                                                 positions.begin() + static_cast<ptrdiff_t>(end)));
  }
  return blocks;
}

}  // namespace

KeptRows::KeptRows(const BatchRows& rows)
    : positions(rows.positions.begin(), rows.positions.end()),
      sequences(rows.sequences.begin(), rows.sequences.end()),
      slots(rows.slots.begin(), rows.slots.end()),
      sources(rows.sources.begin(), rows.sources.end()) {
  for (const std::span<const int32_t> own : rows.pages) pages.emplace_back(own.begin(), own.end());
}

void append_kv(const KvPages& kv, const KeptRows& rows, Tensor k, Tensor v) {
  const KvLayout& layout = kv.layout;
  for (size_t row = 0; row < rows.positions.size(); ++row) {
    const std::span<const int32_t> pages = rows.pages[static_cast<size_t>(rows.sequences[row])];
    for (int32_t head = 0; head < layout.n_head_kv; ++head) {
      const KvPlace place = place_of(kv, pages, rows.positions[row], head);
      // Every type of a cache can be written: there is no error to report.
      static_cast<void>(quantize(layout.type, head_of(k, row, head, layout.key_dimension), place.key));
      if (layout.values_in_keys) continue;
      static_cast<void>(quantize(layout.type, head_of(v, row, head, layout.value_dimension), place.value));
    }
  }
}

void choose_positions(const KvPages& keys, const KeptRows& rows, Tensor q, Tensor weights,
                      const ChosenPositions& chosen) {
  for (size_t row = 0; row < rows.positions.size(); ++row) {
    if (!chosen.chooses(rows.positions[row])) continue;
    for (int32_t list = 0; list < chosen.lists; ++list) {
      const std::vector<double> scores = position_scores(keys, rows, row, list, q, weights);
      std::ranges::copy(best_of(block_scores(scores, chosen), static_cast<size_t>(chosen.count())),
                        list_of(chosen, row, list).begin());
    }
  }
}

void attend(const AttentionParameters& parameters, const KvPages& kv, const KeptRows& rows, Tensor q,
            Tensor out) {
  const int32_t group = parameters.n_head / kv.layout.n_head_kv;
  for (size_t row = 0; row < rows.positions.size(); ++row) {
    const std::span<const int32_t> pages = rows.pages[static_cast<size_t>(rows.sequences[row])];
    for (int32_t head = 0; head < parameters.n_head; ++head) {
      const std::vector<int32_t> visible = visible_to(row, head / group, parameters, rows);
      HeadAttention(parameters, kv, pages, visible, static_cast<size_t>(head), head / group)
          .attend(head_of(q, row, head, kv.layout.key_dimension), rows.positions[row],
                  head_of(out, row, head, kv.layout.value_dimension));
    }
  }
}

}  // namespace hearth::reference
