// Does a GPU compute what its kernels say? Drivers exist that silently give wrong values. So, when a kernel
// was used for the first time, what it is for is computed once more by the GPU and by the processor, of small
// shapes, and nobody sees what the kernel gave before both agree. What is compiled for this is there already.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/backend.h"
#include "engine/compute/gpu/driver_record.h"
#include "engine/compute/gpu/runner.h"

namespace hearth::gpu {

class SelfCheck {
 public:
  /// Of `gpu`, whose device and driver those are. It must outlive this, and be ready before it goes.
  SelfCheck(Backend& gpu, const DeviceProperties& device);
  ~SelfCheck();
  SelfCheck(const SelfCheck&) = delete;
  SelfCheck& operator=(const SelfCheck&) = delete;

  /// Puts down on the GPU what tells whether these kernels are right, but for those that were right with the
  /// driver before. False where nothing is to be computed. A check that finds no room on the GPU is left to
  /// the next one.
  Result<bool> begin(std::span<const std::string> kernels);
  bool goes_on() const { return !outcomes_.empty(); }
  /// When the GPU is ready. DEVICE_LOST where anything was wrong, naming kernels and what to do, now and ever
  /// after; extensions that wrong kernels use are noted, so that the device is opened without them next.
  Result<void> end();

 private:
  struct Outcome {
    std::string kernel;
    std::vector<std::vector<float>> expected, actual;
  };

  Backend& gpu_;
  std::string device_, driver_;
  DriverRecord* record_;  // nullptr: the device is trusted
  Buffer memory_;         // for operations, while there is something to be computed
  std::vector<std::unique_ptr<Outcome>> outcomes_;
  Result<void> found_;
};

}  // namespace hearth::gpu
