// NVIDIA's GPUs as a device (engine/compute/devices.h). Builds without it have no_cuda in its place.
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/compute/backend.h"

namespace hearth {

struct DeviceOptions;

namespace cuda {

/// UNSUPPORTED where there is no driver of NVIDIA's, no GPU that it drives, or the build is without it.
Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options);

}  // namespace cuda
}  // namespace hearth
