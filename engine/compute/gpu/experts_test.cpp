// How mixtures of experts are dealt out to dispatches, which no result may tell: rows together and alone,
// experts beyond a device's limits; and what only an adapted model asks of them. On any device of Vulkan.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "engine/compute/gpu/limited_gpu.h"

namespace hearth {
namespace {

class GpuExperts : public LimitedGpu {};

/// Two of six experts for each row, gated, from 256 columns to as many by way of 64.
struct SomeExperts {
  static constexpr int64_t kColumns = 256;
  static constexpr int64_t kHidden = 64;
  static constexpr int32_t kCount = 6;
  static constexpr int64_t kRows = 100;

  explicit SomeExperts(BlockType wide, BlockType narrow)
      : gate(random_blocks(wide, kCount * kHidden, kColumns)),
        up(random_blocks(wide, kCount * kHidden, kColumns)),
        down(random_blocks(narrow, kCount * kColumns, kHidden)) {}

  /// Of the first rows; `adapt` adds to the weights.
  Operation mix(int64_t rows, std::function<void(DeviceRun&, ExpertWeights&)> adapt = {}) const {
    return [this, rows, adapt = std::move(adapt)](DeviceRun& run) {
      const auto first_rows = [&](const Values& all) {
        return run.tensor({rows, all.columns, {all.floats.begin(), all.floats.begin() + rows * all.columns}});
      };
      const Tensor input = first_rows(x);
      const Tensor scores = first_rows(logits);
      const Tensor out = run.tensor(rows, kColumns);
      ExpertWeights weights{
          {run.weight(gate), kHidden}, {run.weight(up), kHidden}, {run.weight(down), kColumns}, {}};
      if (adapt) adapt(run, weights);
      run.device.experts({.count = kCount, .used = 2, .n_ff = kHidden}, weights, scores, input, out);
      return run.read(out);
    };
  }

  Values x = random_values(kRows, kColumns, 1, 0.1F);
  Values logits = random_values(kRows, kCount, 2);
  Blocks gate, up, down;
};

TEST_F(GpuExperts, OfRowsTogetherGiveWhatTheyGiveEachAlone) {
  for (const bool packed_dot : {true, false}) {
    open([=](gpu::DeviceProperties& device) { device.packed_dot = device.packed_dot && packed_dot; });
    for (const auto& [wide, narrow] :
         {std::pair(BlockType::kF32, BlockType::kF32), {BlockType::kQ4_K, BlockType::kQ8_0}}) {
      SCOPED_TRACE(block_layout(wide).name);
      const SomeExperts experts(wide, narrow);
      const std::vector<float> together = run(experts.mix(SomeExperts::kRows));
      for (const int64_t count : {1, 5, 9}) {
        const std::vector<float> few = run(experts.mix(count));
        ASSERT_EQ(few, std::vector<float>(together.begin(), together.begin() + count * SomeExperts::kColumns))
            << count;
      }
    }
  }
}

TEST_F(GpuExperts, BeyondTheDevicesLimitsAreComputedInPieces) {
  const SomeExperts experts(BlockType::kF32, BlockType::kF32);
  const std::vector<float> few = run(experts.mix(3));
  EXPECT_EQ(runner_->dispatches, 5U);  // choose, up, gate, down, mix
  const std::vector<float> many = run(experts.mix(SomeExperts::kRows));
  EXPECT_EQ(runner_->dispatches, 6U);  // and sort
  // Of each matrix four experts at once, which are 64 kB each; and of rows 87, which take 3.2 kB each between
  // products.
  open([](gpu::DeviceProperties& limits) { limits.binding_bytes = 280'000; });
  EXPECT_EQ(run(experts.mix(3)), few);
  EXPECT_EQ(runner_->dispatches, 5U + 3U);
  EXPECT_EQ(run(experts.mix(SomeExperts::kRows)), many);
  EXPECT_EQ(runner_->dispatches, 6U + 3U + 5U + 3U);  // the last rows are few
}

/// Halves of what is added to one matrix of each expert.
struct LowRankHalves {
  Blocks down, up;
};

TEST_F(GpuExperts, AddProductsOfLowRankToEachOfTheirMatrices) {
  constexpr int64_t kRank = 5;
  const auto halves = [](int64_t outputs, int64_t columns, uint32_t seed) {
    const int64_t count = SomeExperts::kCount;
    return LowRankHalves{blocks_of(BlockType::kF32, random_values(count * kRank, columns, seed, 0.1F)),
                         blocks_of(BlockType::kF32, random_values(count * outputs, kRank, seed + 1, 0.1F))};
  };
  const LowRankHalves wide[] = {halves(SomeExperts::kHidden, SomeExperts::kColumns, 10),
                                halves(SomeExperts::kHidden, SomeExperts::kColumns, 20)};
  const LowRankHalves narrow[] = {halves(SomeExperts::kColumns, SomeExperts::kHidden, 30),
                                  halves(SomeExperts::kColumns, SomeExperts::kHidden, 40)};
  const SomeExperts experts(BlockType::kF32, BlockType::kF32);
  const std::unique_ptr<Backend> reference = device_of("reference");
  for (const int64_t rows : {int64_t{2}, SomeExperts::kRows}) {
    std::array<std::vector<LowRankProduct>, 3> added;
    const auto adapt = [&](DeviceRun& on, ExpertWeights& weights) {
      const auto add = [&](const LowRankHalves& of, float scale) {
        return LowRankProduct{on.weight(of.down), on.weight(of.up), scale};
      };
      added = {std::vector{add(wide[0], 0.5F)}, std::vector{add(wide[1], 2.0F), add(wide[0], -1.0F)},
               std::vector{add(narrow[0], 0.7F), add(narrow[1], 0.3F)}};
      weights.gate.added = added[0];
      weights.up.added = added[1];
      weights.down.added = added[2];
    };
    DeviceRun on_reference(*reference);
    const std::vector<float> expected = experts.mix(rows, adapt)(on_reference);
    const std::vector<float> actual = run(experts.mix(rows, adapt));
    float largest = 0.0F;
    for (const float value : expected) largest = std::max(largest, std::abs(value));
    // A chain of additions is 60 long at most (segments and ranges of 256 columns), and one of its sums
    // hardly more than the largest that comes of any; through three products.
    const float bound = 3.0F * 60.0F * 0x1p-24F * largest;
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(actual[i], expected[i], bound) << rows << " rows";
    }
  }
}

TEST_F(GpuExperts, OfMoreThanThereIsRoomForAreRefused) {
  const Tensor nothing;
  device_->experts({.count = 1025, .used = 2, .n_ff = 32}, {}, nothing, nothing, nothing);
  const auto outcome = device_->wait();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace hearth
