#include "engine/compute/cpu/attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "engine/base/half.h"
#include "engine/compute/cpu/kv_pages.h"
#include "engine/compute/cpu/test_inputs.h"
#include "engine/format/dequantize.h"
#include "engine/format/quantize.h"

namespace hearth::cpu {
namespace {

using testing::Floats;
using testing::InstructionSetTest;

struct Shape {
  BlockType type = BlockType::kF32;
  int32_t n_head = 4;
  int32_t n_head_kv = 2;
  int32_t key_dimension = 64;
  int32_t value_dimension = 64;
  int32_t window = 0;
  float soft_cap = 0.0F;
};

/// A row of a batch: a position of a sequence.
struct Place {
  int32_t sequence;
  int32_t position;
};
using Batch = std::vector<Place>;

/// Sequences whose queries, keys and values are fixed by the seed, however they are computed.
class Sequences {
 public:
  Sequences(const Shape& shape, std::vector<int32_t> lengths) : shape_(shape), lengths_(std::move(lengths)) {
    int32_t pages = 0;
    for (size_t s = 0; s < lengths_.size(); ++s) {
      const auto seed = static_cast<uint32_t>(s * 3);
      queries_.emplace_back(lengths_[s], shape.n_head * shape.key_dimension, seed + 1, 2.0F);
      keys_.emplace_back(lengths_[s], shape.n_head_kv * shape.key_dimension, seed + 2);
      values_.emplace_back(lengths_[s], shape.n_head_kv * shape.value_dimension, seed + 3);
      pages += (lengths_[s] + kPagePositions - 1) / kPagePositions;
    }
    layout_ = {shape.type, 2, shape.n_head_kv, shape.key_dimension, shape.value_dimension, pages + 1};
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
        if (static_cast<int32_t>(pages_[s].size()) * kPagePositions < lengths_[s])
          pages_[s].push_back(page--);
      }
    }
  }

  void run_batch(Context& context, const Batch& batch, std::byte* memory,
                 std::vector<std::vector<float>>& outputs) const;

  Shape shape_;
  std::vector<int32_t> lengths_;
  std::vector<Floats> queries_;
  std::vector<Floats> keys_;
  std::vector<Floats> values_;
  std::vector<std::vector<int32_t>> pages_;
  KvLayout layout_;
};

void Sequences::run_batch(Context& context, const Batch& batch, std::byte* memory,
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
    const Place place = batch[static_cast<size_t>(r)];
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
  append_kv(context, layout_, memory, 1, batch_rows, k.tensor(), v.tensor());
  attend(context, parameters, layout_, memory, 1, batch_rows, q.tensor(), out.tensor());
  for (int64_t r = 0; r < rows; ++r) {
    const Place place = batch[static_cast<size_t>(r)];
    std::copy_n(out.values.begin() + r * out_columns(), out_columns(),
                outputs[static_cast<size_t>(place.sequence)].begin() + place.position * out_columns());
  }
}

/// What a cache of that type gives back.
std::vector<float> kept(BlockType type, const std::vector<float>& values) {
  std::vector<std::byte> blocks(bytes_of(type, values.size()));
  std::vector<float> result(values.size());
  EXPECT_TRUE(quantize(type, values, blocks).ok());
  dequantize(type, blocks, result);
  return result;
}

std::vector<std::vector<double>> Sequences::expect() const {
  std::vector<std::vector<double>> outputs;
  const int32_t group = shape_.n_head / shape_.n_head_kv;
  for (size_t s = 0; s < lengths_.size(); ++s) {
    const std::vector<float> keys = kept(shape_.type, keys_[s].values);
    const std::vector<float> values = kept(shape_.type, values_[s].values);
    std::vector<double>& output = outputs.emplace_back();
    for (int32_t p = 0; p < lengths_[s]; ++p) {
      for (int32_t head = 0; head < shape_.n_head; ++head) {
        const float* const q =
            &queries_[s].values[static_cast<size_t>((p * shape_.n_head + head) * shape_.key_dimension)];
        const int32_t first = shape_.window == 0 ? 0 : std::max(0, p - shape_.window + 1);
        std::vector<double> weights;
        double largest = -INFINITY;
        for (int32_t i = first; i <= p; ++i) {
          const float* const k =
              &keys[static_cast<size_t>((i * shape_.n_head_kv + head / group) * shape_.key_dimension)];
          double score = 0.0;
          for (int32_t d = 0; d < shape_.key_dimension; ++d) score += static_cast<double>(q[d]) * k[d];
          score /= std::sqrt(static_cast<double>(shape_.key_dimension));
          if (shape_.soft_cap != 0.0F) score = shape_.soft_cap * std::tanh(score / shape_.soft_cap);
          weights.push_back(score);
          largest = std::max(largest, score);
        }
        double sum = 0.0;
        for (double& weight : weights) sum += weight = std::exp(weight - largest);
        std::vector<double> mix(static_cast<size_t>(shape_.value_dimension), 0.0);
        for (int32_t i = first; i <= p; ++i) {
          const float* const v =
              &values[static_cast<size_t>((i * shape_.n_head_kv + head / group) * shape_.value_dimension)];
          for (size_t d = 0; d < mix.size(); ++d)
            mix[d] += weights[static_cast<size_t>(i - first)] / sum * v[d];
        }
        output.insert(output.end(), mix.begin(), mix.end());
      }
    }
  }
  return outputs;
}

double largest_difference(const std::vector<std::vector<float>>& actual,
                          const std::vector<std::vector<double>>& expected) {
  double largest = 0.0;
  for (size_t s = 0; s < expected.size(); ++s) {
    EXPECT_EQ(actual[s].size(), expected[s].size());
    for (size_t i = 0; i < expected[s].size(); ++i) {
      const double difference = std::abs(actual[s][i] - expected[s][i]);
      if (!(difference <= largest)) largest = difference;  // NaN, too
    }
  }
  return largest;
}

class AttentionTest : public InstructionSetTest {
 protected:
  void expect_close(const Shape& shape, std::vector<int32_t> lengths, double tolerance) {
    const Sequences sequences(shape, std::move(lengths));
    const auto context = this->context(2);
    EXPECT_LT(largest_difference(sequences.run(*context, sequences.one_batch()), sequences.expect()),
              tolerance);
  }
};

TEST_P(AttentionTest, IsWithin1e5OfDoublePrecisionForEveryHeadSize) {
  for (const int32_t size : {8, 20, 64, 80, 96, 112, 128, 256}) {
    SCOPED_TRACE(size);
    expect_close({.key_dimension = size, .value_dimension = size}, {150}, 1e-5);
  }
}

TEST_P(AttentionTest, KeysAndValuesMayDifferInSize) {
  expect_close({.key_dimension = 96, .value_dimension = 40}, {70, 3}, 1e-5);
}

TEST_P(AttentionTest, QueryHeadsShareKeys) {
  for (const int32_t shared : {1, 2, 3, 7, 16}) {
    SCOPED_TRACE(shared);
    expect_close({.n_head = 2 * shared, .n_head_kv = 2, .key_dimension = 32, .value_dimension = 32}, {130},
                 1e-5);
  }
}

TEST_P(AttentionTest, ManyRangesMerge) {
  expect_close({.key_dimension = 16, .value_dimension = 16}, {1300}, 1e-5);
}

TEST_P(AttentionTest, ARowSeesOnlyItsWindow) {
  for (const int32_t window : {1, 2, 63, 64, 65, 200, 5000}) {
    SCOPED_TRACE(window);
    expect_close({.key_dimension = 16, .value_dimension = 16, .window = window}, {700}, 1e-5);
  }
}

TEST_P(AttentionTest, ScoresAreCapped) { expect_close({.soft_cap = 1.5F}, {100}, 1e-5); }

TEST_P(AttentionTest, SequencesDoNotSeeEachOther) {
  expect_close({.key_dimension = 32, .value_dimension = 32}, {65, 1, 128, 200}, 1e-5);
}

TEST_P(AttentionTest, ReadsEveryTypeOfCache) {
  for (const BlockType type : {BlockType::kF16, BlockType::kQ8_0, BlockType::kQ4_0}) {
    SCOPED_TRACE(block_layout(type).name);
    // As many queries as read a page in place, and more.
    for (const int32_t heads : {2, 32}) {
      expect_close({.type = type, .n_head = heads, .key_dimension = 64, .value_dimension = 96}, {200, 10},
                   1e-5);
    }
  }
}

TEST_P(AttentionTest, ReadsF16OfOddSizes) {
  expect_close({.type = BlockType::kF16, .n_head = 2, .key_dimension = 20, .value_dimension = 13}, {100},
               1e-5);
}

/// Whole prompts, chunks of odd sizes and single steps, by any number of threads, give the same bits.
TEST_P(AttentionTest, NoBitDependsOnThreadsBatchOrChunks) {
  const Shape shapes[] = {
      {.n_head = 6, .n_head_kv = 2, .key_dimension = 24, .value_dimension = 20},
      {.type = BlockType::kF16, .n_head = 6, .n_head_kv = 2, .window = 100},
      {.type = BlockType::kQ8_0, .n_head = 3, .n_head_kv = 3, .key_dimension = 32, .value_dimension = 32},
      {.type = BlockType::kQ4_0, .n_head = 2, .n_head_kv = 1, .soft_cap = 5.0F},
  };
  for (const Shape& shape : shapes) {
    SCOPED_TRACE(block_layout(shape.type).name);
    const Sequences sequences(shape, {1100, 70});
    const auto expected = sequences.run(*context(1), sequences.one_batch());
    for (const int threads : {1, 2, 3}) {
      const auto context = this->context(threads);
      EXPECT_EQ(sequences.run(*context, sequences.one_batch()), expected);
      for (const int32_t chunk : {1, 7, 64, 300}) {
        EXPECT_EQ(sequences.run(*context, sequences.chunks(chunk)), expected) << chunk << " rows a chunk";
      }
    }
  }
}

TEST_P(AttentionTest, TheOrderOfRowsInABatchDoesNotMatter) {
  const Sequences sequences({.type = BlockType::kF16}, {130, 90});
  const auto context = this->context(2);
  const auto expected = sequences.run(*context, sequences.one_batch());
  Batch backwards = sequences.one_batch()[0];
  std::ranges::reverse(backwards);
  EXPECT_EQ(sequences.run(*context, {backwards}), expected);
}

HEARTH_TEST_INSTRUCTION_SETS(AttentionTest);

}  // namespace
}  // namespace hearth::cpu
