#include "engine/compute/gpu/vulkan/timestamps.h"

#include <fmt/format.h>

#include <utility>

namespace hearth::gpu::vulkan {

Timestamps::~Timestamps() { context_.functions().vkDestroyQueryPool(context_.device(), pool_, nullptr); }

Result<void> Timestamps::begin(VkCommandBuffer commands, uint32_t count) {
  const Functions& vk = context_.functions();
  if (context_.timestamp_seconds() == 0.0) {
    return Error{ErrorCode::kUnsupported, fmt::format("{} has no clock", context_.properties().name)};
  }
  if (capacity_ < count + 1) {
    vk.vkDestroyQueryPool(context_.device(), std::exchange(pool_, VK_NULL_HANDLE), nullptr);
    auto info = structure<VkQueryPoolCreateInfo>(VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO);
    info.queryType = VK_QUERY_TYPE_TIMESTAMP;
    info.queryCount = count + 1;
    const VkResult outcome = vk.vkCreateQueryPool(context_.device(), &info, nullptr, &pool_);
    if (outcome != VK_SUCCESS) return Context::error_of(outcome, "its clock");
    capacity_ = info.queryCount;
  }
  vk.vkCmdResetQueryPool(commands, pool_, 0, capacity_);
  marked_ = 0;
  mark(commands);
  return {};
}

void Timestamps::mark(VkCommandBuffer commands) {
  context_.functions().vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, pool_, marked_++);
}

std::vector<double> Timestamps::seconds() const {
  std::vector<uint64_t> ticks(marked_);
  context_.functions().vkGetQueryPoolResults(context_.device(), pool_, 0, marked_,
                                             ticks.size() * sizeof(uint64_t), ticks.data(), sizeof(uint64_t),
                                             VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT);
  std::vector<double> seconds;
  for (size_t i = 1; i < ticks.size(); ++i) {
    seconds.push_back(static_cast<double>(ticks[i] - ticks[i - 1]) * context_.timestamp_seconds());
  }
  return seconds;
}

}  // namespace hearth::gpu::vulkan
