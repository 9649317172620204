// The GPU of this machine by way of Vulkan.
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/compute/gpu/runner.h"

namespace hearth::gpu::vulkan {

/// The most capable device: a GPU of its own, else one that shares memory with the processor, else a driver
/// that computes on the processor. UNSUPPORTED where there is none, or no loader, or the build is without
/// Vulkan.
Result<std::unique_ptr<Runner>> make_runner();

}  // namespace hearth::gpu::vulkan
