// A device for tests: all of the device 'cuda', with a driver that plays its kernels on the processor. What
// is no test of kernels has no_host in its place (engine/compute/devices.h).
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/compute/backend.h"

namespace hearth {

struct DeviceOptions;

namespace cuda::host {

/// UNSUPPORTED where it is not there.
Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options);

}  // namespace cuda::host
}  // namespace hearth
