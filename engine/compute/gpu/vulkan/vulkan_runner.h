// Runs lists of commands by Vulkan. What goes to the queue at once is a Submission; several may be on their
// way.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/compute/gpu/runner.h"
#include "engine/compute/gpu/vulkan/context.h"
#include "engine/compute/gpu/vulkan/pipelines.h"
#include "engine/compute/gpu/vulkan/timestamps.h"

namespace hearth::gpu::vulkan {

class VulkanRunner final : public Runner {
 public:
  static Result<std::unique_ptr<Runner>> create(std::unique_ptr<Context> context);
  ~VulkanRunner() override;

  const DeviceProperties& device() const override { return context_->properties(); }
  Result<BlockId> create_block(uint64_t bytes) override;
  void destroy_block(BlockId block) override;
  Result<KernelId> kernel(std::string_view name) override { return pipelines_.kernel(name); }
  void write(BlockId to, uint64_t offset, std::span<const std::byte> bytes) override;
  void submit(const CommandList& list) override;
  void begin_read(const Binding& from, std::span<std::byte> into) override;
  Result<bool> ready() override;
  Result<void> wait() override;
  void begin_profile() override { is_profiled_ = true; }
  std::vector<KernelTime> profile() const override;

 private:
  /// A command buffer and memory that both sides see, used again and again for one purpose at a time: a
  /// list's parameters and data, or bytes on their way.
  struct Submission {
    VkCommandBuffer commands = VK_NULL_HANDLE;
    VkFence fence = VK_NULL_HANDLE;
    Block staging;
    Block step;                                   // what a list's kernels see of it: a copy of its staging
    VkDescriptorSet step_group = VK_NULL_HANDLE;  // group 0: both of its bindings, in `step`
    uint64_t number = 0;  // when it went to the queue: those before it have lower ones
    bool in_flight = false;
    std::span<std::byte> into;      // where what it fetches goes
    std::vector<Command> recorded;  // what `commands` does, where that is a list's
    std::vector<Binding> recorded_bindings;
    uint64_t recorded_data_bytes = 0;
    std::unique_ptr<Timestamps> timestamps = {};  // of a list that is profiled
  };

  explicit VulkanRunner(std::unique_ptr<Context> context)
      : context_(std::move(context)), pipelines_(*context_) {}
  Result<void> create_submissions();
  /// One that is not in flight; the oldest is waited for where all are. One that did the same as `list`
  /// before is the best, and else one that did no list's, so that what was recorded stays.
  Submission* take(uint64_t staging_bytes, const CommandList* list = nullptr);
  /// Makes room in a submission's block; false where there is none.
  bool reserve(Submission& submission, Block& block, uint64_t bytes, Place place);
  static bool has_recorded(const Submission& submission, const CommandList& list);
  Result<void> record(Submission& submission, const CommandList& list, uint64_t data_begin);
  Result<void> record_commands(const Submission& submission, const CommandList& list);
  void begin_recording(Submission& submission) const;
  void barrier(VkCommandBuffer commands) const;
  void send(Submission& submission);
  /// Whether it is done; `wait`: does not return before.
  bool finish(Submission& submission, bool wait);
  void destroy_unused();
  void count_times(Submission& submission);
  void fail(Error error);
  /// What went wrong; whoever is told does not wait for what he had read.
  Error give_up();

  std::unique_ptr<Context> context_;
  Pipelines pipelines_;
  VkCommandPool command_pool_ = VK_NULL_HANDLE;
  std::array<Submission, 8> submissions_;
  uint64_t sent_ = 0;
  std::unordered_map<BlockId, Block> blocks_;
  BlockId last_block_ = 0;
  Block nothing_;                                     // what is bound where an operand is nowhere
  std::vector<std::pair<uint64_t, BlockId>> unused_;  // to be destroyed when so many submissions are done
  bool is_profiled_ = false;
  std::map<KernelId, KernelTime> times_;
  std::optional<Error> failure_;
};

}  // namespace hearth::gpu::vulkan
