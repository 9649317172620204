// How attention is dealt out to dispatches, which no result may tell: rows together and alone, positions that
// groups share, and rotations on the way to the cache. On any device of Vulkan.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "engine/compute/gpu/limited_gpu.h"

namespace hearth {
namespace {

struct Shape {
  BlockType type = BlockType::kF16;
  int32_t n_head = 4;
  int32_t n_head_kv = 2;
  int32_t dimension = 32;  // of keys and values

  int64_t query_width() const { return int64_t{n_head} * dimension; }
  int64_t key_width() const { return int64_t{n_head_kv} * dimension; }
};

/// A sequence in pages of its own, from the last one to the first.
struct Sequence {
  explicit Sequence(int32_t length)
      : positions(static_cast<size_t>(length)), numbers(positions.size()), own_pages(pages_for(length)) {
    std::iota(positions.begin(), positions.end(), 0);
    std::iota(own_pages.rbegin(), own_pages.rend(), 0);
  }

  BatchRows rows(size_t first, size_t count) const {
    return {std::span(positions).subspan(first, count), std::span(numbers).subspan(first, count), pages};
  }

  std::vector<int32_t> positions;
  std::vector<int32_t> numbers;
  std::vector<int32_t> own_pages;
  std::vector<std::span<const int32_t>> pages{own_pages};
};

KvPages cache_of(DeviceRun& run, const Shape& shape, const Sequence& sequence) {
  KvPages kv{{shape.type, shape.n_head_kv, shape.dimension, shape.dimension,
              static_cast<int32_t>(sequence.own_pages.size())},
             {}};
  kv.memory = run.bytes(std::vector<std::byte>(kv.layout.total_bytes(), std::byte{0xFF}));
  return kv;
}

class GpuAttention : public LimitedGpu {
 protected:
  /// What the last `asking` of so many positions see, `at_once` in a batch. All keys are there before.
  std::vector<float> seen(const Shape& shape, int32_t length, int64_t asking, int64_t at_once) {
    const Sequence sequence(length);
    return run([&](DeviceRun& run) {
      const KvPages kv = cache_of(run, shape, sequence);
      const Tensor k = run.tensor(random_values(length, shape.key_width(), 1));
      const Tensor v = run.tensor(random_values(length, shape.key_width(), 2));
      const Tensor q = run.tensor(random_values(asking, shape.query_width(), 3, 2.0F));
      const Tensor out = run.tensor(asking, shape.query_width());
      run.device.append_kv(kv, sequence.rows(0, static_cast<size_t>(length)), k, v);
      for (int64_t first = 0; first < asking; first += at_once) {
        const int64_t count = std::min(at_once, asking - first);
        run.device.attend(
            {.n_head = shape.n_head, .scale = 0.2F}, kv,
            sequence.rows(static_cast<size_t>(length - asking + first), static_cast<size_t>(count)),
            q.slice_rows(first, count), out.slice_rows(first, count));
      }
      return run.read(out);
    });
  }
};

TEST_F(GpuAttention, OfRowsTogetherIsThatOfEachAlone) {
  for (const int32_t n_head : {2, 6}) {  // one to each key, or three
    SCOPED_TRACE(n_head);
    const Shape shape{BlockType::kF16, n_head, 2, 64};
    const std::vector<float> together = seen(shape, 270, 12, 12);
    EXPECT_EQ(seen(shape, 270, 12, 1), together);
    EXPECT_EQ(seen(shape, 270, 12, 5), together);
  }
}

/// Of a device with little memory for groups, where fewer queries share a key that is loaded.
TEST_F(GpuAttention, OfFewQueriesAGroupIsThatOfMany) {
  const Shape shape{BlockType::kF16, 8, 1, 256};
  const std::vector<float> by_eight = seen(shape, 40, 3, 3);
  open([](gpu::DeviceProperties& properties) { properties.group_memory_bytes = 16 << 10; });
  EXPECT_EQ(seen(shape, 40, 3, 3), by_eight);
}

/// Many groups go through all positions that their rows see; few are given one tile of them each.
TEST_F(GpuAttention, OfPositionsThatGroupsShareIsThatOfOneGroup) {
  const Shape shape{BlockType::kF16, 64, 64, 32};
  const std::vector<float> unshared = seen(shape, 1'000, 64, 64);
  EXPECT_EQ(runner_->dispatches, 2);
  EXPECT_EQ(seen(shape, 1'000, 64, 32), unshared);
  EXPECT_EQ(runner_->dispatches, 1 + 2 * 2);
}

TEST_F(GpuAttention, ToFewPositionsTakesOneDispatch) {
  seen({}, 500, 1, 1);
  EXPECT_EQ(runner_->dispatches, 2);
}

/// What is turned before keys are stored.
struct TurnCase {
  bool queries = true;
  bool keys = true;
  bool others_last = false;           // a tensor that has nothing to do with the cache, behind both
  bool at_other_frequencies = false;  // keys
  bool with_others_between = false;   // operations that turn nothing
};

/// Queries, keys, and what is seen.
std::vector<float> turn_and_see(const TurnCase& c, DeviceRun& run) {
  const Shape shape;
  const Sequence sequence(70);
  const KvPages kv = cache_of(run, shape, sequence);
  const BatchRows rows = sequence.rows(0, 70);
  const Tensor q = run.tensor(random_values(70, shape.query_width(), 1));
  const Tensor k = run.tensor(random_values(70, shape.key_width(), 2));
  const Tensor v = run.tensor(random_values(70, shape.key_width(), 3));
  const Tensor out = run.tensor(70, shape.query_width());
  const std::vector<float> frequencies{1.0F, 0.5F, 0.01F}, others{0.3F, 0.2F, 0.1F};
  const auto turn = [&](const Tensor& x, std::span<const float> by) {
    run.device.rope({RopePairs::kHalves, by, 1.1F}, rows.positions, shape.dimension, x);
    if (c.with_others_between) run.device.scale(1.0F, v);
  };
  if (c.queries) turn(q, frequencies);
  if (c.keys) turn(k, c.at_other_frequencies ? others : frequencies);
  if (c.others_last) turn(v, frequencies);
  run.device.append_kv(kv, rows, k, v);
  run.device.attend({.n_head = shape.n_head, .scale = 0.2F}, kv, rows, q, out);
  std::vector<float> all = run.read(q);
  for (const Tensor& x : {k, out}) {
    const std::vector<float> values = run.read(x);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

TEST_F(GpuAttention, TurnsQueriesAndKeysOnTheirWayToTheCache) {
  const std::vector<float> together = run([](DeviceRun& run) { return turn_and_see({}, run); });
  EXPECT_EQ(runner_->dispatches, 2);
  const TurnCase one_by_one{.with_others_between = true};
  EXPECT_EQ(run([&](DeviceRun& run) { return turn_and_see(one_by_one, run); }), together);
  EXPECT_EQ(runner_->dispatches, 6);
}

TEST_F(GpuAttention, TurnsWhatItIsAskedToAndNothingElse) {
  const auto reference = device_of("reference");
  for (const TurnCase& c : {TurnCase{},
                            {.queries = false},
                            {.keys = false},
                            {.others_last = true},
                            {.at_other_frequencies = true},
                            {.queries = false, .keys = false}}) {
    DeviceRun expected_run(*reference);
    const std::vector<float> expected = turn_and_see(c, expected_run);
    const std::vector<float> actual = run([&](DeviceRun& run) { return turn_and_see(c, run); });
    // A turned key may be rounded to the half beside the reference's, at most 2^-8 away. That changes a score
    // by 0.2 * 2^-8 times a query's element, within 5, and what is seen of values within 4 by 4 * 2^-8.
    for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(actual[i], expected[i], 2e-2) << i;
  }
}

TEST_F(GpuAttention, RefusesHeadsThatNoGroupHolds) {
  const Shape shape{.n_head = 1, .n_head_kv = 1, .dimension = 1024};
  const Sequence sequence(1);
  const auto gpu = device_of("gpu");
  DeviceRun run(*gpu);
  const KvPages kv = cache_of(run, shape, sequence);
  const Tensor out = run.tensor(1, shape.query_width());
  gpu->attend({.n_head = 1, .scale = 1.0F}, kv, sequence.rows(0, 1), run.tensor(1, shape.query_width()), out);
  const auto outcome = gpu->wait();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace hearth
