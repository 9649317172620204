#include "engine/compute/cpu/attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/compute/cpu/attention_testing.h"

namespace hearth::cpu {
namespace {

using testing::AttendedSequences;
using testing::AttentionShape;
using testing::InstructionSetTest;

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
  void expect_close(const AttentionShape& shape, std::vector<int32_t> lengths, double tolerance) {
    const AttendedSequences sequences(shape, std::move(lengths));
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
  const AttentionShape shapes[] = {
      {.n_head = 6, .n_head_kv = 2, .key_dimension = 24, .value_dimension = 20},
      {.type = BlockType::kF16, .n_head = 6, .n_head_kv = 2, .window = 100},
      {.type = BlockType::kQ8_0, .n_head = 3, .n_head_kv = 3, .key_dimension = 32, .value_dimension = 32},
      {.type = BlockType::kQ4_0, .n_head = 2, .n_head_kv = 1, .soft_cap = 5.0F},
      {.type = BlockType::kF16,
       .n_head = 70,
       .n_head_kv = 1,
       .key_dimension = 8,
       .value_dimension = 4,
       .values_in_keys = true},
  };
  for (const AttentionShape& shape : shapes) {
    SCOPED_TRACE(block_layout(shape.type).name);
    const AttendedSequences sequences(shape, {1100, 70});
    const auto expected = sequences.run(*context(1), sequences.one_batch());
    const auto threads_tried = testing::kIsSanitized ? std::vector{3} : std::vector{1, 2, 3};
    const auto chunks_tried = testing::kIsSanitized ? std::vector{7} : std::vector{1, 7, 64, 300};
    for (const int threads : threads_tried) {
      const auto context = this->context(threads);
      EXPECT_EQ(sequences.run(*context, sequences.one_batch()), expected);
      for (const int32_t chunk : chunks_tried) {
        EXPECT_EQ(sequences.run(*context, sequences.chunks(chunk)), expected) << chunk << " rows a chunk";
      }
    }
  }
}

TEST_P(AttentionTest, TheOrderOfRowsInABatchDoesNotMatter) {
  const AttendedSequences sequences({.type = BlockType::kF16}, {130, 90});
  const auto context = this->context(2);
  const auto expected = sequences.run(*context, sequences.one_batch());
  testing::Batch backwards = sequences.one_batch()[0];
  std::ranges::reverse(backwards);
  EXPECT_EQ(sequences.run(*context, {backwards}), expected);
}

HEARTH_TEST_INSTRUCTION_SETS(AttentionTest);

}  // namespace
}  // namespace hearth::cpu
