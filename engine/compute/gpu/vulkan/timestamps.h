// When each command of a list was done, by the device's own clock.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/compute/gpu/vulkan/context.h"

namespace hearth::gpu::vulkan {

/// Of one list at a time.
class Timestamps {
 public:
  explicit Timestamps(const Context& context) : context_(context) {}
  ~Timestamps();
  Timestamps(const Timestamps&) = delete;
  Timestamps& operator=(const Timestamps&) = delete;

  /// Room for the beginning and the end of each of so many commands. UNSUPPORTED; OUT_OF_MEMORY.
  Result<void> begin(VkCommandBuffer commands, uint32_t count);
  /// Puts the next one down, behind what the buffer does so far.
  void mark(VkCommandBuffer commands);
  /// The seconds of each command, when the list is done.
  std::vector<double> seconds() const;

 private:
  const Context& context_;
  VkQueryPool pool_ = VK_NULL_HANDLE;
  uint32_t capacity_ = 0;
  uint32_t marked_ = 0;
};

}  // namespace hearth::gpu::vulkan
