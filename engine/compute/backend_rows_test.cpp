// Operations that go by what a row is like as a whole, and plain multiples: every device's beside the
// reference device's.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/compute/backend_testing.h"

namespace hearth {
namespace {

class BackendRows : public ComparedWithReference {};

TEST_P(BackendRows, NormWithoutWeightsIsThatWithOnes) {
  const Values x = random_values(5, 3 * 50, 1, 3.0F);
  for (const NormKind kind : {NormKind::kRms, NormKind::kLayer}) {
    const auto with = [&](const std::vector<float>& weights) {
      return [&x, kind, weights](DeviceRun& run) {
        const Tensor out = run.tensor(x);
        Vector weight{{}, 50};
        if (!weights.empty()) weight = run.vector({1, 50, weights});
        run.device.norm(kind, out, weight, {}, 1e-5F, out);
        return run.read(out);
      };
    };
    expect_same(with({}), 2e-6);
    EXPECT_EQ(on_reference(with({})), on_reference(with(std::vector<float>(50, 1.0F))));
  }
}

TEST_P(BackendRows, MultiplyTakesRunsElementByElement) {
  const Values values = random_values(4, 3 * 50, 1);
  for (const int64_t size : {1, 50, 150}) {
    const auto multiply = [&](DeviceRun& run) {
      const Tensor x = run.tensor(values);
      run.device.multiply(x, run.vector(random_values(1, size, 2)));
      return run.read(x);
    };
    expect_same(multiply, 0.0);
  }
}

TEST_P(BackendRows, AddVectorTakesRunsElementByElement) {
  const Values values = random_values(4, 3 * 50, 1);
  for (const int64_t size : {1, 50, 150}) {
    const auto add = [&](DeviceRun& run) {
      const Tensor x = run.tensor(values);
      run.device.add_vector(x, run.vector(random_values(1, size, 2)));
      return run.read(x);
    };
    expect_same(add, 0.0);
  }
}

TEST_P(BackendRows, MatchLengthsLeavesDirectionsAndRowsOfZeros) {
  Values values = random_values(5, 70, 1, 0.01F);
  std::fill_n(values.floats.begin() + 2L * 70, 70, 0.0F);
  const Values like = random_values(5, 70, 2, 30.0F);
  const auto match = [&](DeviceRun& run) {
    const Tensor x = run.tensor(values);
    run.device.match_lengths(x, run.tensor(like));
    return run.read(x);
  };
  expect_same(match, 1e-6);
  const std::vector<float> matched = on_reference(match);
  double ratio = matched[0] / values.floats[0];
  EXPECT_NEAR(matched[69] / values.floats[69], ratio, 1e-4 * ratio);
  EXPECT_EQ(matched[2 * 70], 0.0F);
}

TEST_P(BackendRows, KeepLargestLeavesTheSameShareOfEveryRow) {
  Values values = random_values(4, 2000, 1);
  for (size_t i = 0; i < 2000; ++i) values.floats[i] = values.floats[i] * 20.0F + 7.0F;
  const auto keep = [&](DeviceRun& run) {
    const Tensor x = run.tensor(values);
    run.device.keep_largest(1.6448536F, x);  // 5 % of a normal distribution are above
    return run.read(x);
  };
  expect_same(keep, 1e-5);  // the first row's threshold is near 40, where floats lie 4e-6 apart
  const std::vector<float> kept = on_reference(keep);
  for (auto row = kept.begin(); row != kept.end(); row += 2000) {
    const auto left = std::count_if(row, row + 2000, [](float value) { return value > 0.0F; });
    EXPECT_NEAR(static_cast<double>(left), 100.0, 30.0);
  }
}

TEST_P(BackendRows, AddWeightedTakesEachRowsOwnWeight) {
  const Values to = random_values(6, 90, 1);
  const Values from = random_values(6, 90, 2);
  const Values weights = random_values(6, 5, 3);
  for (const int64_t column : {0, 3}) {
    const auto add = [&](DeviceRun& run) {
      const Tensor x = run.tensor(to);
      run.device.add_weighted(x, run.tensor(from), run.tensor(weights), column);
      return run.read(x);
    };
    expect_same(add, 1e-6);
    const float weight = weights.floats[5 * 5 + static_cast<size_t>(column)];
    EXPECT_NEAR(on_reference(add).back(), to.floats.back() + weight * from.floats.back(), 1e-6);
  }
}

TEST_P(BackendRows, ScaleMultipliesEveryElement) {
  const Values values = random_values(3, 5000, 1);
  const auto scale = [&](DeviceRun& run) {
    const Tensor x = run.tensor(values);
    run.device.scale(0.7F, x);
    return run.read(x);
  };
  expect_same(scale, 0.0);
}

HEARTH_COMPARE_WITH_REFERENCE(BackendRows);
HEARTH_COMPARE_GPU_WITH_REFERENCE(BackendRows);

}  // namespace
}  // namespace hearth
