#include "engine/compute/gpu/vulkan/vulkan_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <utility>

#include "engine/compute/gpu/vulkan/make_runner.h"

namespace hearth::gpu::vulkan {
namespace {

/// Room for the operand that is nowhere.
constexpr uint64_t kNothingBytes = 256;

constexpr uint64_t rounded_up(uint64_t bytes, uint64_t multiple) {
  return (bytes + multiple - 1) / multiple * multiple;
}

}  // namespace

Result<std::unique_ptr<Runner>> make_runner() {
  HEARTH_ASSIGN(auto context, Context::create());
  return VulkanRunner::create(std::move(context));
}

Result<std::unique_ptr<Runner>> VulkanRunner::create(std::unique_ptr<Context> context) {
  auto runner = std::unique_ptr<VulkanRunner>(new VulkanRunner(std::move(context)));
  HEARTH_TRY(runner->pipelines_.create());
  HEARTH_ASSIGN(runner->nothing_, runner->context_->create_block(kNothingBytes, Place::kDevice));
  HEARTH_TRY(runner->create_submissions());
  return std::unique_ptr<Runner>(std::move(runner));
}

Result<void> VulkanRunner::create_submissions() {
  const Functions& vk = context_->functions();
  auto pool = structure<VkCommandPoolCreateInfo>(VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO);
  pool.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT;
  pool.queueFamilyIndex = context_->queue_family();
  VkResult outcome = vk.vkCreateCommandPool(context_->device(), &pool, nullptr, &command_pool_);
  for (Submission& submission : submissions_) {
    if (outcome != VK_SUCCESS) break;
    auto buffer = structure<VkCommandBufferAllocateInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO);
    buffer.commandPool = command_pool_;
    buffer.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
    buffer.commandBufferCount = 1;
    outcome = vk.vkAllocateCommandBuffers(context_->device(), &buffer, &submission.commands);
    if (outcome != VK_SUCCESS) break;
    auto fence = structure<VkFenceCreateInfo>(VK_STRUCTURE_TYPE_FENCE_CREATE_INFO);
    outcome = vk.vkCreateFence(context_->device(), &fence, nullptr, &submission.fence);
  }
  if (outcome != VK_SUCCESS) return Context::error_of(outcome, "to take commands");
  return {};
}

VulkanRunner::~VulkanRunner() {
  const Functions& vk = context_->functions();
  vk.vkDeviceWaitIdle(context_->device());
  for (Submission& submission : submissions_) {
    submission.timestamps.reset();
    vk.vkDestroyFence(context_->device(), submission.fence, nullptr);
    context_->destroy_block(submission.staging);
    context_->destroy_block(submission.step);
  }
  vk.vkDestroyCommandPool(context_->device(), command_pool_, nullptr);
  for (const auto& [id, block] : blocks_) context_->destroy_block(block);
  context_->destroy_block(nothing_);
}

void VulkanRunner::fail(Error error) {
  if (!failure_) failure_ = std::move(error);
}

Result<BlockId> VulkanRunner::create_block(uint64_t bytes) {
  HEARTH_ASSIGN(const Block block, context_->create_block(bytes, Place::kDevice));
  blocks_[++last_block_] = block;
  return last_block_;
}

void VulkanRunner::destroy_block(BlockId block) {
  unused_.emplace_back(sent_, block);
  destroy_unused();
}

void VulkanRunner::destroy_unused() {
  uint64_t done = sent_;
  for (const Submission& submission : submissions_) {
    if (submission.in_flight) done = std::min(done, submission.number - 1);
  }
  std::erase_if(unused_, [&](const auto& entry) {
    const auto [number, id] = entry;
    if (number > done) return false;
    for (Submission& submission : submissions_) submission.recorded.clear();
    pipelines_.forget(id);
    context_->destroy_block(blocks_.at(id));
    blocks_.erase(id);
    return true;
  });
}

bool VulkanRunner::finish(Submission& submission, bool wait) {
  if (!submission.in_flight) return true;
  const Functions& vk = context_->functions();
  const VkResult outcome =
      wait ? vk.vkWaitForFences(context_->device(), 1, &submission.fence, VK_TRUE, UINT64_MAX)
           : vk.vkGetFenceStatus(context_->device(), submission.fence);
  if (outcome == VK_NOT_READY) return false;
  if (outcome != VK_SUCCESS) fail(Context::error_of(outcome, "while it computed"));
  vk.vkResetFences(context_->device(), 1, &submission.fence);
  submission.in_flight = false;
  if (!submission.into.empty() && outcome == VK_SUCCESS) {
    std::memcpy(submission.into.data(), submission.staging.mapped, submission.into.size());
  }
  submission.into = {};
  count_times(submission);
  return true;
}

bool VulkanRunner::has_recorded(const Submission& submission, const CommandList& list) {
  return !submission.recorded.empty() && submission.recorded == list.commands &&
         submission.recorded_bindings == list.bindings;
}

VulkanRunner::Submission* VulkanRunner::take(uint64_t staging_bytes, const CommandList* list) {
  const auto suits = [&](const Submission& submission) {
    if (list != nullptr && has_recorded(submission, *list)) return 2;
    return submission.recorded.empty() ? 1 : 0;
  };
  Submission* best = nullptr;
  for (Submission& submission : submissions_) {
    if (!finish(submission, false)) continue;
    if (best == nullptr || suits(submission) > suits(*best)) best = &submission;
  }
  if (best == nullptr) {
    best = &*std::ranges::min_element(submissions_, {}, &Submission::number);
    finish(*best, true);
  }
  return reserve(*best, best->staging, staging_bytes, Place::kStaging) ? best : nullptr;
}

bool VulkanRunner::reserve(Submission& submission, Block& block, uint64_t bytes, Place place) {
  if (block.bytes >= bytes) return true;
  submission.recorded.clear();
  context_->destroy_block(std::exchange(block, {}));
  // A power of two, so that what grows bit by bit is not made anew each time.
  auto larger = context_->create_block(std::max<uint64_t>(std::bit_ceil(bytes), 64 << 10), place);
  if (!larger.ok()) {
    fail(larger.error());
    return false;
  }
  block = *larger;
  return true;
}

void VulkanRunner::begin_recording(Submission& submission) const {
  auto info = structure<VkCommandBufferBeginInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO);
  context_->functions().vkBeginCommandBuffer(submission.commands, &info);
  barrier(submission.commands);
}

/// Each command sees what those before it wrote.
void VulkanRunner::barrier(VkCommandBuffer commands) const {
  auto memory = structure<VkMemoryBarrier>(VK_STRUCTURE_TYPE_MEMORY_BARRIER);
  memory.srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
  memory.dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_UNIFORM_READ_BIT |
                         VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
  constexpr VkPipelineStageFlags kStages =
      VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
  context_->functions().vkCmdPipelineBarrier(commands, kStages, kStages, 0, 1, &memory, 0, nullptr, 0,
                                             nullptr);
}

void VulkanRunner::send(Submission& submission) {
  auto info = structure<VkSubmitInfo>(VK_STRUCTURE_TYPE_SUBMIT_INFO);
  info.commandBufferCount = 1;
  info.pCommandBuffers = &submission.commands;
  const VkResult outcome = context_->functions().vkQueueSubmit(context_->queue(), 1, &info, submission.fence);
  if (outcome != VK_SUCCESS) return fail(Context::error_of(outcome, "commands"));
  submission.in_flight = true;
  submission.number = ++sent_;
}

void VulkanRunner::write(BlockId to, uint64_t offset, std::span<const std::byte> bytes) {
  Submission* const submission = take(bytes.size());
  if (submission == nullptr) return;
  std::memcpy(submission->staging.mapped, bytes.data(), bytes.size());
  submission->recorded.clear();
  begin_recording(*submission);
  const VkBufferCopy copy{0, offset, bytes.size()};
  context_->functions().vkCmdCopyBuffer(submission->commands, submission->staging.buffer,
                                        blocks_.at(to).buffer, 1, &copy);
  context_->functions().vkEndCommandBuffer(submission->commands);
  send(*submission);
}

void VulkanRunner::begin_read(const Binding& from, std::span<std::byte> into) {
  Submission* const submission = take(from.bytes);
  if (submission == nullptr) return;
  submission->recorded.clear();
  begin_recording(*submission);
  const VkBufferCopy copy{from.offset, 0, from.bytes};
  const Functions& vk = context_->functions();
  vk.vkCmdCopyBuffer(submission->commands, blocks_.at(from.block).buffer, submission->staging.buffer, 1,
                     &copy);
  auto memory = structure<VkMemoryBarrier>(VK_STRUCTURE_TYPE_MEMORY_BARRIER);
  memory.srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT;
  memory.dstAccessMask = VK_ACCESS_HOST_READ_BIT;
  vk.vkCmdPipelineBarrier(submission->commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0,
                          1, &memory, 0, nullptr, 0, nullptr);
  vk.vkEndCommandBuffer(submission->commands);
  submission->into = into;
  send(*submission);
}

void VulkanRunner::submit(const CommandList& list) {
  const uint64_t parameter_bytes = list.parameters.size() * sizeof(uint32_t);
  const uint64_t data_begin = rounded_up(parameter_bytes, device().binding_alignment);
  // Rounded so that the same commands with a little more data can be sent again as they were recorded.
  const uint64_t data_bytes = std::bit_ceil(std::max<uint64_t>(list.data.size() * sizeof(uint32_t), 1024));
  Submission* const submission = take(data_begin + data_bytes, &list);
  if (submission == nullptr ||
      !reserve(*submission, submission->step, data_begin + data_bytes, Place::kDevice)) {
    return;
  }
  auto* const staging = static_cast<std::byte*>(submission->staging.mapped);
  std::memcpy(staging, list.parameters.data(), parameter_bytes);
  std::memcpy(staging + data_begin, list.data.data(), list.data.size() * sizeof(uint32_t));
  if (is_profiled_ || !has_recorded(*submission, list) || submission->recorded_data_bytes != data_bytes) {
    submission->recorded.clear();
    submission->recorded_data_bytes = data_bytes;
    if (const auto recorded = record(*submission, list, data_begin); !recorded.ok())
      return fail(recorded.error());
  }
  send(*submission);
}

// Kernels see a copy of the staging memory: each group of each of them reads some, and from the processor's
// memory that would come over the bus each time.
Result<void> VulkanRunner::record(Submission& submission, const CommandList& list, uint64_t data_begin) {
  HEARTH_TRY(pipelines_.compile(list.commands));
  const uint64_t data_bytes = submission.recorded_data_bytes;
  HEARTH_TRY(pipelines_.bind_step(submission.step, data_begin, data_bytes, submission.step_group));
  begin_recording(submission);
  const VkBufferCopy copy{0, 0, data_begin + data_bytes};
  context_->functions().vkCmdCopyBuffer(submission.commands, submission.staging.buffer,
                                        submission.step.buffer, 1, &copy);
  if (is_profiled_) {
    submission.timestamps = std::make_unique<Timestamps>(*context_);
    const auto begun =
        submission.timestamps->begin(submission.commands, static_cast<uint32_t>(list.commands.size()));
    if (!begun.ok()) submission.timestamps.reset();
  }
  const auto recorded = record_commands(submission, list);
  context_->functions().vkEndCommandBuffer(submission.commands);
  HEARTH_TRY(recorded);
  submission.recorded = list.commands;
  submission.recorded_bindings = list.bindings;
  return {};
}

Result<void> VulkanRunner::record_commands(const Submission& submission, const CommandList& list) {
  const Functions& vk = context_->functions();
  std::vector<VkBuffer> buffers;
  for (size_t i = 0; i < list.commands.size(); ++i) {
    const Command& command = list.commands[i];
    const auto bindings = std::span(list.bindings).subspan(command.first_binding, command.binding_count);
    buffers.clear();
    for (const Binding& binding : bindings) {
      buffers.push_back(binding.block == 0 ? nothing_.buffer : blocks_.at(binding.block).buffer);
    }
    HEARTH_ASSIGN(const VkDescriptorSet operands, pipelines_.operands(bindings, buffers));
    barrier(submission.commands);
    vk.vkCmdBindPipeline(submission.commands, VK_PIPELINE_BIND_POINT_COMPUTE,
                         pipelines_.pipeline(command.kernel));
    const std::array groups{submission.step_group, operands};
    const auto parameters = static_cast<uint32_t>(i * CommandList::kParameterBytes);
    vk.vkCmdBindDescriptorSets(submission.commands, VK_PIPELINE_BIND_POINT_COMPUTE,
                               pipelines_.layout(command.kernel), 0, static_cast<uint32_t>(groups.size()),
                               groups.data(), 1, &parameters);
    vk.vkCmdDispatch(submission.commands, command.groups[0], command.groups[1], command.groups[2]);
    if (submission.timestamps) submission.timestamps->mark(submission.commands);
  }
  return {};
}

void VulkanRunner::count_times(Submission& submission) {
  const auto timestamps = std::exchange(submission.timestamps, nullptr);
  if (!timestamps || failure_) return;
  const std::vector<double> seconds = timestamps->seconds();
  for (size_t i = 0; i < seconds.size(); ++i) {
    KernelTime& time = times_[submission.recorded[i].kernel];
    ++time.calls;
    time.seconds += seconds[i];
  }
}

std::vector<KernelTime> VulkanRunner::profile() const {
  std::vector<KernelTime> times;
  for (const auto& [kernel, time] : times_) {
    times.push_back({std::string(pipelines_.name(kernel)), time.calls, time.seconds});
  }
  std::ranges::sort(times, std::greater(), &KernelTime::seconds);
  return times;
}

Error VulkanRunner::give_up() {
  for (Submission& submission : submissions_) submission.into = {};
  return *std::exchange(failure_, std::nullopt);
}

Result<bool> VulkanRunner::ready() {
  bool all = true;
  for (Submission& submission : submissions_) all = finish(submission, false) && all;
  if (failure_) return give_up();
  destroy_unused();
  return all;
}

Result<void> VulkanRunner::wait() {
  for (Submission& submission : submissions_) finish(submission, true);
  if (failure_) return give_up();
  destroy_unused();
  return {};
}

}  // namespace hearth::gpu::vulkan
