#include "engine/runtime/step_pace.h"

#include <gtest/gtest.h>

namespace hearth {
namespace {

using Duration = StepPace::Duration;

TEST(StepPaceTest, HasStepsTakeAFifthOfASecond) {
  StepPace pace;
  pace.add(500, Duration{1.0});
  EXPECT_EQ(pace.rows(), 100);
}

TEST(StepPaceTest, FollowsAMachineThatBecomesSlower) {
  StepPace pace;
  pace.add(500, Duration{1.0});
  for (int step = 0; step < 20; ++step) pace.add(pace.rows(), Duration{pace.rows() * 0.004});
  EXPECT_NEAR(pace.rows(), 50, 1);
}

TEST(StepPaceTest, LearnsNothingFromAFewRows) {
  StepPace pace;
  const int32_t unknown = pace.rows();
  pace.add(8, Duration{1.0});
  EXPECT_EQ(pace.rows(), unknown);
}

TEST(StepPaceTest, LeavesEnoughRowsToBeWorthReadingTheWeights) {
  StepPace pace;
  pace.add(64, Duration{60.0});
  EXPECT_EQ(pace.rows(), 32);
}

}  // namespace
}  // namespace hearth
