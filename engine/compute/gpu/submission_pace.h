// How much may be submitted at once. A GPU does one submission after the other: meanwhile other programs and
// the browser's other tabs wait for their pictures, and a watchdog ends what takes seconds.
#pragma once

#include <chrono>

namespace hearth::gpu {

/// Learns from what was submitted how long work takes. The unit of work is a multiply-add.
class SubmissionPace {
 public:
  using Clock = std::chrono::steady_clock;

  /// The device has been given this.
  void submitted(double work, Clock::time_point now);
  /// It has done all that it was given.
  void done(Clock::time_point now);
  /// Work that is likely to take half of the 100 ms that a submission may last: what is learnt is an average.
  double limit() const { return kLikely.count() * work_per_second_; }

 private:
  using Seconds = std::chrono::duration<double>;
  static constexpr Seconds kLikely{0.05};
  /// What takes less is mostly the way to the device and back, and teaches nothing.
  static constexpr Seconds kLeast{0.005};

  double work_per_second_ = 1e11;  // of a small GPU in a phone
  double given_ = 0.0;             // since the device had nothing to do
  Clock::time_point began_;
};

}  // namespace hearth::gpu
