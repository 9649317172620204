#include "engine/compute/cuda/clock.h"

#include <algorithm>
#include <functional>

namespace hearth::cuda {

Clock::~Clock() {
  for (const Mark& mark : marks_) driver_.cuEventDestroy_v2(mark.event);
  for (const Event event : spare_) driver_.cuEventDestroy_v2(event);
}

Status Clock::begin() { return mark({}); }

Status Clock::mark(std::string_view kernel) {
  Event event = nullptr;
  if (!spare_.empty()) {
    event = spare_.back();
    spare_.pop_back();
  } else if (const Status status = driver_.cuEventCreate(&event, kEventDefault); status != kSuccess) {
    return status;
  }
  marks_.push_back({kernel, event});
  return driver_.cuEventRecord(event, stream_);
}

void Clock::count() {
  for (size_t i = 0; i < marks_.size(); ++i) {
    const Mark& mark = marks_[i];
    spare_.push_back(mark.event);
    float milliseconds = 0.0F;
    if (mark.kernel.empty()) continue;
    if (driver_.cuEventElapsedTime(&milliseconds, marks_[i - 1].event, mark.event) != kSuccess) continue;
    KernelTime& time = times_[mark.kernel];
    time.kernel = mark.kernel;
    ++time.calls;
    time.seconds += double{milliseconds} / 1e3;
  }
  marks_.clear();
}

std::vector<KernelTime> Clock::times() const {
  std::vector<KernelTime> times;
  for (const auto& [kernel, time] : times_) times.push_back(time);
  std::ranges::sort(times, std::greater(), &KernelTime::seconds);
  return times;
}

}  // namespace hearth::cuda
