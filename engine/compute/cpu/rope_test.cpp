#include "engine/compute/cpu/rope.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/compute/cpu/test_inputs.h"

namespace hearth::cpu {
namespace {

using testing::Floats;
using testing::InstructionSetTest;

std::vector<float> frequencies(int64_t pairs) {
  std::vector<float> result;
  for (int64_t i = 0; i < pairs; ++i) {
    result.push_back(
        static_cast<float>(std::pow(10000.0, -static_cast<double>(i) / static_cast<double>(pairs))));
  }
  return result;
}

class RopeTest : public InstructionSetTest {
 protected:
  void expect_turned(RopePairs pairs, int64_t pair_count, int64_t head_dimension) {
    const std::vector<float> frequency = frequencies(pair_count);
    const Rope rope{pairs, frequency, 1.25F};
    const std::vector<int32_t> positions{0, 1, 2, 5000, 131071};
    Floats x(5, 3 * head_dimension, 1);
    const Floats before = x;
    RopeCache cache;
    const auto context = this->context(2);
    cpu::rope(*context, cache, rope, positions, head_dimension, x.tensor());
    for (int64_t r = 0; r < 5; ++r) {
      for (int64_t head = 0; head < 3; ++head) {
        for (int64_t i = 0; i < head_dimension; ++i) {
          const int64_t column = head * head_dimension + i;
          if (i >= 2 * pair_count) {
            EXPECT_EQ(x.at(r, column), before.at(r, column));
            continue;
          }
          const bool adjacent = pairs == RopePairs::kAdjacent;
          const int64_t pair = adjacent ? i / 2 : i % pair_count;
          const bool is_second = adjacent ? i % 2 == 1 : i >= pair_count;
          const int64_t partner =
              adjacent ? column ^ 1 : (is_second ? column - pair_count : column + pair_count);
          const double angle =
              positions[static_cast<size_t>(r)] * static_cast<double>(frequency[static_cast<size_t>(pair)]);
          const double sine = is_second ? std::sin(angle) : -std::sin(angle);
          const double expected =
              1.25 * (before.at(r, column) * std::cos(angle) + before.at(r, partner) * sine);
          EXPECT_NEAR(x.at(r, column), expected, 2e-6) << "row " << r << ", dimension " << i;
        }
      }
    }
  }
};

TEST_P(RopeTest, TurnsAdjacentPairs) {
  for (const int64_t size : {8, 20, 64, 80, 128}) expect_turned(RopePairs::kAdjacent, size / 2, size);
}

TEST_P(RopeTest, TurnsHalves) {
  for (const int64_t size : {8, 20, 64, 80, 128}) expect_turned(RopePairs::kHalves, size / 2, size);
}

TEST_P(RopeTest, LeavesDimensionsPastThePairs) {
  expect_turned(RopePairs::kAdjacent, 5, 20);
  expect_turned(RopePairs::kHalves, 16, 80);
}

TEST_P(RopeTest, KeepsAnglesOnlyForTheSameTurn) {
  // Three kinds of turn by turns through a cache of two, on positions that change: each as through a new one.
  const std::vector<float> base = frequencies(8);
  std::vector<float> slower = base;
  for (float& frequency : slower) frequency *= 0.25F;
  const Rope ropes[] = {{RopePairs::kHalves, base, 1.0F},
                        {RopePairs::kHalves, slower, 1.0F},
                        {RopePairs::kHalves, base, 2.0F},
                        {RopePairs::kAdjacent, base, 1.0F}};
  const auto context = this->context(1);
  RopeCache kept;
  for (const int32_t position : {3, 4, 3}) {
    for (const Rope& rope : ropes) {
      for (int repeat = 0; repeat < 2; ++repeat) {
        Floats x(1, 16, 1);
        Floats expected = x;
        RopeCache fresh;
        cpu::rope(*context, kept, rope, std::vector{position}, 16, x.tensor());
        cpu::rope(*context, fresh, rope, std::vector{position}, 16, expected.tensor());
        EXPECT_EQ(x.values, expected.values);
      }
    }
  }
}

HEARTH_TEST_INSTRUCTION_SETS(RopeTest);

}  // namespace
}  // namespace hearth::cpu
