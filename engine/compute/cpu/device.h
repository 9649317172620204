// The processor as a device (engine/compute/devices.h).
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/compute/backend.h"

namespace hearth {

struct DeviceOptions;

namespace cpu {

Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options);

}  // namespace cpu
}  // namespace hearth
