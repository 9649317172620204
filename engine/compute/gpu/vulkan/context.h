// A device of Vulkan with one queue, and its memory in blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/compute/gpu/runner.h"
#include "engine/compute/gpu/vulkan/library.h"

namespace hearth::gpu::vulkan {

/// Memory with a buffer that covers all of it.
struct Block {
  VkBuffer buffer = VK_NULL_HANDLE;
  VkDeviceMemory memory = VK_NULL_HANDLE;
  uint64_t bytes = 0;
  void* mapped = nullptr;  // of memory that the processor sees
};

enum class Place {
  kDevice,   // where kernels reach it best
  kStaging,  // where the processor writes and reads it
};

class Context {
 public:
  /// UNSUPPORTED where there is no device that computes.
  static Result<std::unique_ptr<Context>> create();
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// OUT_OF_MEMORY.
  Result<Block> create_block(uint64_t bytes, Place place) const;
  void destroy_block(const Block& block) const;

  /// The error that a call's outcome is: DEVICE_LOST, OUT_OF_MEMORY or UNSUPPORTED.
  static Error error_of(VkResult outcome, std::string_view what);

  const DeviceProperties& properties() const { return properties_; }
  VkDevice device() const { return device_; }
  VkQueue queue() const { return queue_; }
  uint32_t queue_family() const { return queue_family_; }
  /// Of a tick of the queue's clock; 0 where it has none.
  double timestamp_seconds() const { return timestamp_seconds_; }
  const Functions& functions() const { return functions_; }

 private:
  Context() = default;
  Result<void> create_instance();
  Result<void> choose_device();
  Result<void> create_device();
  void read_properties();
  void read_features();
  bool has_extension(std::string_view name) const;
  /// Of the memory types in `allowed` the first with all of `wanted`; -1: none.
  int32_t memory_type(uint32_t allowed, VkMemoryPropertyFlags wanted) const;

  Functions functions_;
  VkInstance instance_ = VK_NULL_HANDLE;
  VkPhysicalDevice physical_ = VK_NULL_HANDLE;
  VkDevice device_ = VK_NULL_HANDLE;
  VkQueue queue_ = VK_NULL_HANDLE;
  uint32_t queue_family_ = 0;
  double timestamp_seconds_ = 0.0;
  VkPhysicalDeviceMemoryProperties memory_ = {};
  DeviceProperties properties_;
};

}  // namespace hearth::gpu::vulkan
