// The functions of Vulkan, found when they are wanted: a program runs where no loader is installed.
#pragma once

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>

#include "engine/base/result.h"

namespace hearth::gpu::vulkan {

// clang-format off
#define HEARTH_VULKAN_GLOBAL_FUNCTIONS(call) \
  call(vkCreateInstance)

#define HEARTH_VULKAN_INSTANCE_FUNCTIONS(call)   \
  call(vkCreateDevice)                           \
  call(vkDestroyInstance)                        \
  call(vkEnumerateDeviceExtensionProperties)     \
  call(vkEnumeratePhysicalDevices)               \
  call(vkGetDeviceProcAddr)                      \
  call(vkGetPhysicalDeviceFeatures2)             \
  call(vkGetPhysicalDeviceMemoryProperties)      \
  call(vkGetPhysicalDeviceProperties2)           \
  call(vkGetPhysicalDeviceQueueFamilyProperties)

#define HEARTH_VULKAN_DEVICE_FUNCTIONS(call) \
  call(vkAllocateCommandBuffers)             \
  call(vkAllocateDescriptorSets)             \
  call(vkAllocateMemory)                     \
  call(vkBeginCommandBuffer)                 \
  call(vkBindBufferMemory)                   \
  call(vkCmdBindDescriptorSets)              \
  call(vkCmdBindPipeline)                    \
  call(vkCmdCopyBuffer)                      \
  call(vkCmdDispatch)                        \
  call(vkCmdPipelineBarrier)                 \
  call(vkCmdResetQueryPool)                  \
  call(vkCmdWriteTimestamp)                  \
  call(vkCreateBuffer)                       \
  call(vkCreateCommandPool)                  \
  call(vkCreateComputePipelines)             \
  call(vkCreateDescriptorPool)               \
  call(vkCreateDescriptorSetLayout)          \
  call(vkCreateFence)                        \
  call(vkCreatePipelineLayout)               \
  call(vkCreateQueryPool)                    \
  call(vkCreateShaderModule)                 \
  call(vkDestroyBuffer)                      \
  call(vkDestroyCommandPool)                 \
  call(vkDestroyDescriptorPool)              \
  call(vkDestroyDescriptorSetLayout)         \
  call(vkDestroyDevice)                      \
  call(vkDestroyFence)                       \
  call(vkDestroyPipeline)                    \
  call(vkDestroyPipelineLayout)              \
  call(vkDestroyQueryPool)                   \
  call(vkDestroyShaderModule)                \
  call(vkDeviceWaitIdle)                     \
  call(vkEndCommandBuffer)                   \
  call(vkFreeDescriptorSets)                 \
  call(vkFreeMemory)                         \
  call(vkGetBufferMemoryRequirements)        \
  call(vkGetDeviceQueue)                     \
  call(vkGetFenceStatus)                     \
  call(vkGetQueryPoolResults)                \
  call(vkMapMemory)                          \
  call(vkQueueSubmit)                        \
  call(vkResetFences)                        \
  call(vkUpdateDescriptorSets)               \
  call(vkWaitForFences)
// clang-format on

/// All that is called of Vulkan. The loader stays open for good.
struct Functions {
#define HEARTH_DECLARE(name) PFN_##name name = nullptr;
  HEARTH_VULKAN_GLOBAL_FUNCTIONS(HEARTH_DECLARE)
  HEARTH_VULKAN_INSTANCE_FUNCTIONS(HEARTH_DECLARE)
  HEARTH_VULKAN_DEVICE_FUNCTIONS(HEARTH_DECLARE)
#undef HEARTH_DECLARE
  PFN_vkGetInstanceProcAddr vkGetInstanceProcAddr = nullptr;

  void load_for(VkInstance instance);
  void load_for(VkDevice device);
};

/// One of Vulkan's structures, all zero but for its type and what follows it.
template <typename T>
T structure(VkStructureType type, void* next = nullptr) {
  T zero{};
  zero.sType = type;
  zero.pNext = next;
  return zero;
}

/// Those that need no instance. UNSUPPORTED where this machine has no loader.
Result<Functions> load_functions();

}  // namespace hearth::gpu::vulkan
