#include "engine/compute/cuda/host/device.h"

#include <utility>

#include "engine/compute/cuda/host/driver.h"
#include "engine/compute/cuda/runner.h"
#include "engine/compute/devices.h"
#include "engine/compute/gpu/gpu_backend.h"

namespace hearth::cuda::host {

Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options) {
  if (!options.instruction_set.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "the device 'cuda-host' has no instruction sets to choose from"};
  }
  HEARTH_ASSIGN(auto runner, CudaRunner::make(driver()));
  return std::unique_ptr<Backend>(new gpu::GpuBackend(std::move(runner), options.gpu_memory));
}

}  // namespace hearth::cuda::host
