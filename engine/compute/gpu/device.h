// What all GPUs are as devices (engine/compute/devices.h), however they are opened.
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/compute/backend.h"
#include "engine/compute/gpu/runner.h"

namespace hearth {

struct DeviceOptions;

namespace gpu {

/// On the GPU that `open` gives.
Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options, const MakeRunner& open);

}  // namespace gpu
}  // namespace hearth
