// A GPU that is a struct of hearth_gpu.h, as the engine's own kind of runner.
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/compute/gpu/runner.h"
#include "engine/hearth_gpu.h"

namespace hearth {

/// Keeps the struct for as long as it is there itself. INVALID_ARGUMENT for one that is not whole.
Result<std::unique_ptr<gpu::Runner>> runner_of(std::shared_ptr<const hearth_gpu_runner> given);

}  // namespace hearth
