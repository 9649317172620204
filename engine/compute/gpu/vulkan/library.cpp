#include "engine/compute/gpu/vulkan/library.h"

#include <dlfcn.h>

namespace hearth::gpu::vulkan {

Result<Functions> load_functions() {
  void* const library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
  Functions functions;
  if (library != nullptr) {
    functions.vkGetInstanceProcAddr =
        reinterpret_cast<PFN_vkGetInstanceProcAddr>(dlsym(library, "vkGetInstanceProcAddr"));
  }
  if (functions.vkGetInstanceProcAddr == nullptr) {
    return Error{
        ErrorCode::kUnsupported,
        "there is no Vulkan here (libvulkan.so.1 is missing); install your GPU's driver, on Debian with "
        "the package libvulkan1, or choose the device 'cpu'"};
  }
#define HEARTH_LOAD(name) \
  functions.name = reinterpret_cast<PFN_##name>(functions.vkGetInstanceProcAddr(nullptr, #name));
  HEARTH_VULKAN_GLOBAL_FUNCTIONS(HEARTH_LOAD)
#undef HEARTH_LOAD
  return functions;
}

void Functions::load_for(VkInstance instance) {
#define HEARTH_LOAD(name) name = reinterpret_cast<PFN_##name>(vkGetInstanceProcAddr(instance, #name));
  HEARTH_VULKAN_INSTANCE_FUNCTIONS(HEARTH_LOAD)
#undef HEARTH_LOAD
}

void Functions::load_for(VkDevice device) {
#define HEARTH_LOAD(name) name = reinterpret_cast<PFN_##name>(vkGetDeviceProcAddr(device, #name));
  HEARTH_VULKAN_DEVICE_FUNCTIONS(HEARTH_LOAD)
#undef HEARTH_LOAD
}

}  // namespace hearth::gpu::vulkan
