// NVIDIA's GPU of this machine. Builds without CUDA have no_cuda in its place.
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/compute/gpu/runner.h"

namespace hearth::cuda {

/// UNSUPPORTED where there is no driver of NVIDIA's, no GPU that it drives, or the build is without it.
Result<std::unique_ptr<gpu::Runner>> make_runner();

}  // namespace hearth::cuda
