// The highest of rows, on a GPU beside a plain sort: rows that one group goes through and rows that take
// many, with equal values, and with what is never among the highest. On any device of Vulkan.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "engine/compute/backend_testing.h"
#include "engine/compute/highest.h"

namespace hearth {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Of each row first how many were found, then their columns and values in the order of the columns.
Operation highest_of(Values x, int64_t columns) {
  return [x = std::move(x), columns](DeviceRun& run) {
    const Tensor out = run.tensor(x.rows, sizeof(Highest) / sizeof(float));
    EXPECT_TRUE(run.device.find_highest(run.tensor(x), columns, out));
    const std::vector<float> words = run.read(out);
    std::vector<Highest> rows(static_cast<size_t>(x.rows));
    std::memcpy(rows.data(), words.data(), words.size() * sizeof(float));
    std::vector<float> found;
    for (const Highest& row : rows) {
      std::vector<std::pair<int32_t, float>> best;
      for (size_t i = 0; i < row.columns.size(); ++i) {
        if (row.columns[i] != Highest::kNone) best.emplace_back(row.columns[i], row.values[i]);
      }
      std::ranges::sort(best);
      found.push_back(static_cast<float>(best.size()));
      for (const auto& [column, value] : best) found.insert(found.end(), {static_cast<float>(column), value});
    }
    return found;
  };
}

class BackendHighest : public ComparedWithReference {};

TEST_P(BackendHighest, AreFoundInRowsOfAnyLength) {
  for (const int64_t columns : {1, 63, 64, 65, 2048, 2049, 32000, 151936}) {
    SCOPED_TRACE(columns);
    expect_same(highest_of(random_values(2, columns, 1, 5.0F), columns), 0.0);
  }
}

TEST_P(BackendHighest, AreOfTheFirstColumnsAlone) {
  expect_same(highest_of(random_values(3, 5000, 2), 4100), 0.0);
}

TEST_P(BackendHighest, AreTheFirstOfEqualOnes) {
  Values x = random_values(2, 9000, 3, 3.0F);
  for (float& value : x.floats) value = std::round(value);
  expect_same(highest_of(x, 9000), 0.0);
  std::ranges::fill(x.floats, -2.5F);
  expect_same(highest_of(x, 9000), 0.0);
}

TEST_P(BackendHighest, TakeBothZerosForEqual) {
  Values x = random_values(1, 300, 4);
  for (size_t i = 0; i < x.floats.size(); ++i) x.floats[i] = i % 2 == 0 ? -0.0F : 0.0F;
  expect_same(highest_of(x, 300), 0.0);
}

TEST_P(BackendHighest, HaveNothingThatIsMasked) {
  Values x = random_values(2, 7000, 5);
  for (size_t i = 0; i < x.floats.size(); ++i) {
    if (i % 7000 < 6990) x.floats[i] = i % 3 == 0 ? kNan : -kInfinity;
  }
  x.floats[6999] = kInfinity;
  x.floats[6998] = std::numeric_limits<float>::lowest();
  const auto found = on_device(highest_of(x, 7000));
  EXPECT_EQ(found, on_reference(highest_of(x, 7000)));
  EXPECT_EQ(found.front(), 10.0F);
}

HEARTH_COMPARE_GPU_WITH_REFERENCE(BackendHighest);

}  // namespace
}  // namespace hearth
