// GPUs as devices (engine/compute/devices.h).
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/compute/backend.h"

namespace hearth {

struct DeviceOptions;

namespace gpu {

/// The one that the caller brings; else by way of CUDA where that is there, else of Vulkan. UNSUPPORTED where
/// there is no GPU, or no driver that this build knows.
Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options);

/// The same by way of one of them, whatever the caller brings.
Result<std::unique_ptr<Backend>> make_cuda_backend(const DeviceOptions& options);
Result<std::unique_ptr<Backend>> make_vulkan_backend(const DeviceOptions& options);

}  // namespace gpu
}  // namespace hearth
