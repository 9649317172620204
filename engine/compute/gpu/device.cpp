#include "engine/compute/gpu/device.h"

#include <utility>

#include "engine/compute/devices.h"
#include "engine/compute/gpu/gpu_backend.h"
#include "engine/compute/gpu/vulkan/make_runner.h"

namespace hearth::gpu {

Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options) {
  if (!options.instruction_set.empty()) {
    return Error{ErrorCode::kInvalidArgument, "a GPU has no instruction sets to choose from"};
  }
  if (options.make_gpu_runner) {
    return std::unique_ptr<Backend>(new GpuBackend(options.make_gpu_runner(), options.gpu_memory));
  }
  HEARTH_ASSIGN(auto runner, vulkan::make_runner());
  return std::unique_ptr<Backend>(new GpuBackend(std::move(runner), options.gpu_memory));
}

}  // namespace hearth::gpu
