#include "engine/compute/gpu/submission_pace.h"

#include <utility>

namespace hearth::gpu {

void SubmissionPace::submitted(double work, Clock::time_point now) {
  if (given_ == 0.0) began_ = now;
  given_ += work;
}

void SubmissionPace::done(Clock::time_point now) {
  const double work = std::exchange(given_, 0.0);
  const Seconds took = now - began_;
  if (work > 0.0 && took >= kLeast) work_per_second_ = work / took.count();
}

}  // namespace hearth::gpu
