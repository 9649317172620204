// A device that goes away while it computes. Test code only.
#pragma once

#include "engine/compute/delegating_backend.h"

namespace hearth::testing {

/// A device that is lost after so many steps.
class LosesItself final : public DelegatingBackend {
 public:
  LosesItself(Backend& device, int steps) : DelegatingBackend(device), steps_(steps) {}

  Result<void> wait() override {
    if (steps_-- > 0) return DelegatingBackend::wait();
    return Error{ErrorCode::kDeviceLost, "the GPU went away"};
  }

 private:
  int steps_;
};

}  // namespace hearth::testing
