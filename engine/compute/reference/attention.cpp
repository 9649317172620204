#include <algorithm>
#include <cstdlib>
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

/// A head's part of a row.
std::span<float> head_of(Tensor x, size_t row, int32_t head, int32_t dimension) {
  const auto size = static_cast<size_t>(dimension);
  return row_of(x, static_cast<int64_t>(row)).subspan(static_cast<size_t>(head) * size, size);
}

/// What one row sees of its sequence: positions [first, end).
struct Visible {
  int32_t first;
  int32_t end;
};

Visible visible_to(size_t row, const AttentionParameters& parameters, const KeptRows& rows) {
  const int32_t position = rows.positions[row];
  Visible visible{0, position + 1};
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

/// One query's mix of the values that it sees.
class HeadAttention {
 public:
  /// `query_head` is the query's, `head` that of its keys and values.
  HeadAttention(const AttentionParameters& parameters, const KvPages& kv, std::span<const int32_t> pages,
                Visible visible, size_t query_head, int32_t head)
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
      const int32_t distance = visible_.first + static_cast<int32_t>(i) - position;
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

  KvPlace place(size_t index) const {
    return place_of(kv_, pages_, visible_.first + static_cast<int32_t>(index), head_);
  }

  std::vector<double> scores(std::span<const float> query) const {
    std::vector<double> scores(static_cast<size_t>(visible_.end - visible_.first));
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
  Visible visible_;
  int32_t head_;  // of keys and values
  size_t query_head_;
  float slope_;
  std::optional<float> sink_;
};

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

void attend(const AttentionParameters& parameters, const KvPages& kv, const KeptRows& rows, Tensor q,
            Tensor out) {
  const int32_t group = parameters.n_head / kv.layout.n_head_kv;
  for (size_t row = 0; row < rows.positions.size(); ++row) {
    const std::span<const int32_t> pages = rows.pages[static_cast<size_t>(rows.sequences[row])];
    const Visible visible = visible_to(row, parameters, rows);
    for (int32_t head = 0; head < parameters.n_head; ++head) {
      HeadAttention(parameters, kv, pages, visible, static_cast<size_t>(head), head / group)
          .attend(head_of(q, row, head, kv.layout.key_dimension), rows.positions[row],
                  head_of(out, row, head, kv.layout.value_dimension));
    }
  }
}

}  // namespace hearth::reference
