// A device for tests: what each operation means, in plain loops over memory of its own, done later than asked
// for. Builds without it have no_reference in its place (engine/compute/devices.h).
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/compute/backend.h"

namespace hearth {

struct DeviceOptions;

namespace reference {

/// One thread and no instruction sets. INVALID_ARGUMENT where one is named; UNSUPPORTED where the build is
/// without it.
Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options);

}  // namespace reference
}  // namespace hearth
