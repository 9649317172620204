// The GPU as a device (engine/compute/devices.h).
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/compute/backend.h"

namespace hearth {

struct DeviceOptions;

namespace gpu {

/// UNSUPPORTED where there is no GPU, or no driver that this build knows.
Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options);

}  // namespace gpu
}  // namespace hearth
