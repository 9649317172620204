// How long kernels take, by the device's own clock.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "engine/compute/cuda/driver.h"
#include "engine/compute/kernel_time.h"

namespace hearth::cuda {

class Clock {
 public:
  Clock(const Driver& driver, Stream stream) : driver_(driver), stream_(stream) {}
  ~Clock();
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  /// Behind all that the stream was asked for so far.
  Status begin();
  /// A kernel was launched; its name must stay.
  Status mark(std::string_view kernel);
  /// To be called when the stream is done.
  void count();
  /// Of what was counted, the longest kernel first.
  std::vector<KernelTime> times() const;

 private:
  /// When a kernel was done; without a name when a list began.
  struct Mark {
    std::string_view kernel;
    Event event = nullptr;
  };

  const Driver& driver_;
  Stream stream_;
  std::vector<Mark> marks_;
  std::vector<Event> spare_;
  std::map<std::string_view, KernelTime> times_;
};

}  // namespace hearth::cuda
