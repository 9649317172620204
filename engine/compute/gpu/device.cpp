#include "engine/compute/gpu/device.h"

#include <utility>

#include "engine/compute/devices.h"
#include "engine/compute/gpu/gpu_backend.h"

namespace hearth::gpu {

Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options, const MakeRunner& open) {
  if (!options.instruction_set.empty()) {
    return Error{ErrorCode::kInvalidArgument, "a GPU has no instruction sets to choose from"};
  }
  HEARTH_ASSIGN(std::unique_ptr<Runner> runner, open());
  return std::unique_ptr<Backend>(new GpuBackend(std::move(runner), options.gpu_memory));
}

}  // namespace hearth::gpu
