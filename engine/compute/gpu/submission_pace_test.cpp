#include "engine/compute/gpu/submission_pace.h"

#include <gtest/gtest.h>

namespace hearth::gpu {
namespace {

using std::chrono::milliseconds;

TEST(SubmissionPace, LetsThroughWhatLikelyTakesHalfOfAHundredMilliseconds) {
  SubmissionPace pace;
  const SubmissionPace::Clock::time_point begin;
  pace.submitted(6e9, begin);
  pace.submitted(4e9, begin + milliseconds(3));
  pace.done(begin + milliseconds(10));
  EXPECT_DOUBLE_EQ(pace.limit(), 5e10);  // at 1e12 a second
}

TEST(SubmissionPace, LearnsNothingFromWhatIsMostlyTheWayToTheDevice) {
  SubmissionPace pace;
  const double limit = pace.limit();
  pace.submitted(1e3, SubmissionPace::Clock::time_point());
  pace.done(SubmissionPace::Clock::time_point() + milliseconds(2));
  pace.done(SubmissionPace::Clock::time_point() + milliseconds(500));
  EXPECT_EQ(pace.limit(), limit);
}

}  // namespace
}  // namespace hearth::gpu
