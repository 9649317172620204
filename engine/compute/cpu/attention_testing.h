// Sequences for tests of attention: their queries, keys and values, what the cache and `attend` make of them,
// and what they should by the definition. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "engine/compute/cpu/attention.h"
#include "engine/compute/cpu/kv_pages.h"
#include "engine/compute/cpu/test_inputs.h"
#include "engine/format/dequantize.h"
#include "engine/format/quantize.h"

namespace hearth::cpu::testing {

struct AttentionShape {
  BlockType type = BlockType::kF32;
  int32_t n_head = 4;
  int32_t n_head_kv = 2;
  int32_t key_dimension = 64;
  int32_t value_dimension = 64;
  int32_t window = 0;
  float soft_cap = 0.0F;
  bool values_in_keys = false;
};

/// A row of a batch: a position of a sequence.
struct BatchPlace {
  int32_t sequence;
  int32_t position;
};
using Batch = std::vector<BatchPlace>;

/// Sequences whose queries, keys and values are fixed by the seed, however they are computed.
class AttendedSequences {
 public:
  AttendedSequences(const AttentionShape& shape, std::vector<int32_t> lengths)
      : shape_(shape), lengths_(std::move(lengths)) {
    int32_t pages = 0;
    for (size_t s = 0; s < lengths_.size(); ++s) {
      const auto seed = static_cast<uint32_t>(s * 3);
      queries_.emplace_back(lengths_[s], shape.n_head * shape.key_dimension, seed + 1, 2.0F);
      keys_.emplace_back(lengths_[s], shape.n_head_kv * shape.key_dimension, seed + 2);
      values_.emplace_back(lengths_[s], shape.n_head_kv * shape.value_dimension, seed + 3);
      pages += pages_for(lengths_[s]);
    }
    layout_ = {shape.type, shape.n_head_kv,     shape.key_dimension, shape.value_dimension,
               pages + 1,  shape.values_in_keys};
    deal_pages();
  }

  /// All rows, sequence after sequence.
  std::vector<Batch> one_batch() const {
    Batch all;
    for (size_t s = 0; s < lengths_.size(); ++s) {
      for (int32_t p = 0; p < lengths_[s]; ++p) all.push_back({static_cast<int32_t>(s), p});
    }
    return {all};
  }

  /// Every sequence in chunks of `size` rows, sequences by turns in one batch.
  std::vector<Batch> chunks(int32_t size) const {
    std::vector<Batch> batches;
    for (int32_t first = 0; first < *std::ranges::max_element(lengths_); first += size) {
      Batch batch;
      for (size_t s = 0; s < lengths_.size(); ++s) {
        for (int32_t p = first; p < std::min(first + size, lengths_[s]); ++p) {
          batch.push_back({static_cast<int32_t>(s), p});
        }
      }
      batches.push_back(batch);
    }
    return batches;
  }

  /// Runs the batches one after the other through a cache full of rubbish and returns the outputs of each
  /// sequence: [length, n_head * value_dimension].
  std::vector<std::vector<float>> run(Context& context, const std::vector<Batch>& batches) const {
    std::vector<std::vector<float>> outputs;
    for (const int32_t length : lengths_) outputs.emplace_back(static_cast<size_t>(length * out_columns()));
    // What others left in the pages: NaN as f32, f16 and scales.
    std::vector<std::byte> memory(layout_.total_bytes(), std::byte{0xFF});
    for (const Batch& batch : batches) run_batch(context, batch, memory.data(), outputs);
    return outputs;
  }

  /// The same by the definition, in double precision, from what the cache's type keeps of keys and values.
  std::vector<std::vector<double>> expect() const;

 private:
  int64_t out_columns() const { return int64_t{shape_.n_head} * shape_.value_dimension; }

  /// Pages go to the sequences by turns, from the last to the first.
  void deal_pages() {
    pages_.resize(lengths_.size());
    for (int32_t page = layout_.page_count - 1; page > 0;) {
      for (size_t s = 0; s < lengths_.size(); ++s) {
        if (static_cast<int32_t>(pages_[s].size()) < pages_for(lengths_[s])) pages_[s].push_back(page--);
      }
    }
  }

  void run_batch(Context& context, const Batch& batch, std::byte* memory,
                 std::vector<std::vector<float>>& outputs) const;

  AttentionShape shape_;
  std::vector<int32_t> lengths_;
  std::vector<Floats> queries_;
  std::vector<Floats> keys_;
  std::vector<Floats> values_;
  std::vector<std::vector<int32_t>> pages_;
  KvLayout layout_;
};

inline void AttendedSequences::run_batch(Context& context, const Batch& batch, std::byte* memory,
                                         std::vector<std::vector<float>>& outputs) const {
  const auto rows = static_cast<int64_t>(batch.size());
  std::vector<int32_t> positions;
  std::vector<int32_t> sequences;
  Floats q(rows, queries_[0].shape.columns);
  Floats k(rows, keys_[0].shape.columns);
  Floats v(rows, values_[0].shape.columns);
  Floats out(rows, out_columns());
  const auto copy_row = [](const Floats& from, int64_t row, Floats& to, int64_t to_row) {
    std::copy_n(from.values.begin() + row * from.shape.columns, from.shape.columns,
                to.values.begin() + to_row * to.shape.columns);
  };
  for (int64_t r = 0; r < rows; ++r) {
    const BatchPlace place = batch[static_cast<size_t>(r)];
    positions.push_back(place.position);
    sequences.push_back(place.sequence);
    copy_row(queries_[static_cast<size_t>(place.sequence)], place.position, q, r);
    copy_row(keys_[static_cast<size_t>(place.sequence)], place.position, k, r);
    copy_row(values_[static_cast<size_t>(place.sequence)], place.position, v, r);
  }
  const std::vector<std::span<const int32_t>> pages(pages_.begin(), pages_.end());
  const BatchRows batch_rows{positions, sequences, pages};
  const AttentionParameters parameters{shape_.n_head,
                                       1.0F / std::sqrt(static_cast<float>(shape_.key_dimension)),
                                       shape_.soft_cap, shape_.window};
  const KvPages kv{layout_, buffer_at(memory)};
  append_kv(context, kv, batch_rows, k.tensor(), v.tensor());
  attend(context, parameters, kv, batch_rows, q.tensor(), out.tensor());
  for (int64_t r = 0; r < rows; ++r) {
    const BatchPlace place = batch[static_cast<size_t>(r)];
    std::copy_n(out.values.begin() + r * out_columns(), out_columns(),
                outputs[static_cast<size_t>(place.sequence)].begin() + place.position * out_columns());
  }
}

/// What a cache of that type gives back.
inline std::vector<float> kept(BlockType type, const std::vector<float>& values) {
  std::vector<std::byte> blocks(bytes_of(type, values.size()));
  std::vector<float> result(values.size());
  EXPECT_TRUE(quantize(type, values, blocks).ok());
  dequantize(type, blocks, result);
  return result;
}

/// The weights of positions `first` to `last`, whose keys are `stride` floats apart, by the softmax's
/// definition.
inline std::vector<double> attention_weights(const AttentionShape& shape, const float* query,
                                             const float* keys, int32_t stride, int32_t first, int32_t last) {
  std::vector<double> weights;
  for (int32_t i = first; i <= last; ++i) {
    double score = 0.0;
    for (int32_t d = 0; d < shape.key_dimension; ++d)
      score += static_cast<double>(query[d]) * keys[i * stride + d];
    score /= std::sqrt(static_cast<double>(shape.key_dimension));
    weights.push_back(shape.soft_cap == 0.0F ? score : shape.soft_cap * std::tanh(score / shape.soft_cap));
  }
  const double largest = *std::ranges::max_element(weights);
  double sum = 0.0;
  for (double& weight : weights) sum += weight = std::exp(weight - largest);
  for (double& weight : weights) weight /= sum;
  return weights;
}

inline std::vector<std::vector<double>> AttendedSequences::expect() const {
  std::vector<std::vector<double>> outputs;
  const int32_t group = shape_.n_head / shape_.n_head_kv;
  const int32_t value_stride = shape_.n_head_kv * shape_.value_dimension;
  for (size_t s = 0; s < lengths_.size(); ++s) {
    const std::vector<float> keys = kept(shape_.type, keys_[s].values);
    const std::vector<float> values = kept(shape_.type, values_[s].values);
    std::vector<double>& output = outputs.emplace_back();
    for (int32_t row = 0; row < lengths_[s] * shape_.n_head; ++row) {
      const int32_t position = row / shape_.n_head;
      const int32_t head_kv = row % shape_.n_head / group;
      const int32_t first = shape_.window == 0 ? 0 : std::max(0, position - shape_.window + 1);
      const std::vector<double> weights =
          attention_weights(shape_, queries_[s].values.data() + row * shape_.key_dimension,
                            keys.data() + head_kv * shape_.key_dimension,
                            shape_.n_head_kv * shape_.key_dimension, first, position);
      const float* const seen = values.data() + first * value_stride + head_kv * shape_.value_dimension;
      for (int32_t d = 0; d < shape_.value_dimension; ++d) {
        double mix = 0.0;
        for (size_t i = 0; i < weights.size(); ++i)
          mix += weights[i] * seen[static_cast<int32_t>(i) * value_stride + d];
        output.push_back(mix);
      }
    }
  }
  return outputs;
}

}  // namespace hearth::cpu::testing
