#include "engine/compute/gpu/vulkan/make_runner.h"

namespace hearth::gpu::vulkan {

Result<std::unique_ptr<Runner>> make_runner() {
  return Error{
      ErrorCode::kUnsupported,
      "this build of Hearth is without Vulkan; choose the device 'cpu', or build with -DHEARTH_VULKAN=ON"};
}

}  // namespace hearth::gpu::vulkan
