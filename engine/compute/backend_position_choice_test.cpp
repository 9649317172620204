// Choosing the positions that attention looks at: every device's beside the reference device's.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/compute/backend_testing.h"

namespace hearth {
namespace {

/// Keys, queries and weights whose products and sums are exact, so that there is one answer, also where
/// scores are equal.
struct ChoiceCase {
  std::vector<int32_t> lengths;
  BlockType type = BlockType::kF32;
  int64_t n_head = 5;
  int32_t key_dimension = 32;
  bool has_weights = true;  // else each head has a list
  int32_t count = 16;
  int32_t block = 1;
  int32_t latest = 0;
};

/// Eighths from -1 to 7/8, as every type but Q8_0 holds them: the first of each 32 is -1.
Values eighths(int64_t rows, int64_t columns, uint32_t seed) {
  Values x = random_values(rows, columns, seed, 4.0F);
  for (size_t i = 0; i < x.floats.size(); ++i) {
    x.floats[i] = i % 32 == 0 ? -1.0F : std::clamp(std::round(x.floats[i]), -8.0F, 7.0F) / 8.0F;
  }
  return x;
}

std::vector<float> run_choice(const ChoiceCase& c, DeviceRun& run) {
  const CachedRows rows = CachedRows::of_lengths(c.lengths);
  const auto count = static_cast<int64_t>(rows.positions.size());
  const std::vector<std::span<const int32_t>> pages(rows.pages.begin(), rows.pages.end());
  const BatchRows batch{rows.positions, rows.sequences, pages};
  KvPages keys{{c.type, 1, c.key_dimension, 0, rows.page_count(), true}, {}};
  keys.memory = run.bytes(std::vector<std::byte>(keys.layout.total_bytes(), std::byte{0xFF}));
  const bool in_bytes = c.type == BlockType::kQ8_0;
  run.device.append_kv(
      keys, batch,
      run.tensor(in_bytes ? exact_values(count, c.key_dimension, 1) : eighths(count, c.key_dimension, 1)),
      {});
  const int64_t lists = c.has_weights ? 1 : c.n_head;
  const Values nothing{count, lists * c.count,
                       std::vector<float>(static_cast<size_t>(count * lists * c.count))};
  const ChosenPositions chosen{run.tensor(nothing), static_cast<int32_t>(lists), c.block, c.latest};
  run.device.choose_positions(keys, batch, run.tensor(eighths(count, c.n_head * c.key_dimension, 2)),
                              c.has_weights ? run.tensor(eighths(count, c.n_head, 3)) : Tensor{}, chosen);
  return run.read(chosen.blocks);
}

class BackendChoice : public ComparedWithReference {
 protected:
  void expect_equal(const ChoiceCase& choice) {
    expect_same([&](DeviceRun& run) { return run_choice(choice, run); }, 0.0);
  }
};

TEST_P(BackendChoice, IsOfThePositionsWithTheBestScores) {
  for (const BlockType type : {BlockType::kF32, BlockType::kF16, BlockType::kQ8_0, BlockType::kQ4_0}) {
    SCOPED_TRACE(block_layout(type).name);
    expect_equal({.lengths = {150, 9, 100}, .type = type, .key_dimension = 64});
  }
  expect_equal({.lengths = {70, 3}, .n_head = 1, .count = 1});
  expect_equal({.lengths = {600}, .n_head = 4, .count = 64});
}

TEST_P(BackendChoice, IsOfWholeBlocksForEachHead) {
  expect_equal({.lengths = {150, 9}, .has_weights = false, .count = 3});
  for (const int32_t block : {7, 64, 100}) {
    SCOPED_TRACE(block);
    expect_equal({.lengths = {500, 9}, .has_weights = false, .count = 3, .block = block, .latest = 2});
  }
}

/// By the definition, of the one that the reference device gives.
TEST(BackendChoiceReference, TakesTheBestTheEarlierAndTheLatest) {
  const auto device = device_of("reference");
  DeviceRun run(*device);
  const std::vector<int32_t> positions{0, 1, 2, 3, 4, 5}, sequences(6), page{0};
  const std::span<const int32_t> pages[] = {page};
  const BatchRows rows{positions, sequences, pages};
  KvPages keys{{BlockType::kF32, 1, 1, 0, 1, true}, {}};
  keys.memory = run.bytes(std::vector<std::byte>(keys.layout.total_bytes()));
  run.device.append_kv(keys, rows, run.tensor({6, 1, {2.0F, -5.0F, 3.0F, 2.0F, 0.5F, -1.0F}}), {});
  const auto last_row = [&](const ChosenPositions& chosen, Tensor weights) {
    run.device.choose_positions(keys, rows, run.tensor({6, 1, std::vector<float>(6, 1.0F)}), weights, chosen);
    return run.read(chosen.blocks.slice_rows(5, 1));
  };
  const auto room = [&](int64_t count) { return run.tensor(6, count); };
  const Tensor weights = run.tensor({6, 1, std::vector<float>(6, 0.5F)});
  const Tensor negative = run.tensor({6, 1, std::vector<float>(6, -1.0F)});
  EXPECT_EQ(last_row({room(2)}, weights), (std::vector<float>{0, 2}));
  EXPECT_EQ(last_row({room(2)}, negative), (std::vector<float>{1, 5}));  // products below 0 count as 0
  EXPECT_EQ(last_row({room(2), 1, 1, 1}, weights), (std::vector<float>{2, 5}));
  EXPECT_EQ(last_row({room(2), 1, 2, 1}, {}), (std::vector<float>{1, 2}));
}

HEARTH_COMPARE_WITH_REFERENCE(BackendChoice);
HEARTH_COMPARE_GPU_WITH_REFERENCE(BackendChoice);

}  // namespace
}  // namespace hearth
