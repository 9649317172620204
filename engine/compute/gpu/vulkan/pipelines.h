// Kernels as Vulkan's pipelines, and what is bound to them.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/compute/gpu/runner.h"
#include "engine/compute/gpu/vulkan/context.h"
#include "engine/compute/gpu/vulkan/kernels.h"

namespace hearth::gpu::vulkan {

class Pipelines {
 public:
  explicit Pipelines(const Context& context) : context_(context) {}
  /// Before anything else.
  Result<void> create();
  ~Pipelines();
  Pipelines(const Pipelines&) = delete;
  Pipelines& operator=(const Pipelines&) = delete;

  /// UNSUPPORTED where there is no such kernel.
  Result<KernelId> kernel(std::string_view name);
  /// Has the driver make the kernels of commands, as far as they are not yet, on several threads: one may
  /// take it a good part of a second. UNSUPPORTED where it refuses one.
  Result<void> compile(std::span<const Command> commands);
  VkPipeline pipeline(KernelId kernel) const { return kernels_[kernel].pipeline; }
  std::string_view name(KernelId kernel) const { return kernels_[kernel].name; }
  VkPipelineLayout layout(KernelId kernel) const {
    return layouts_.at(kernels_[kernel].code.operands).pipeline;
  }

  /// Group 0: parameters and, from `data_begin` on, data, both in a block. It may be given again.
  Result<void> bind_step(const Block& block, uint64_t data_begin, uint64_t data_bytes, VkDescriptorSet& set);
  /// Group 1. `buffers` are those of the bindings. What was bound before is given again.
  Result<VkDescriptorSet> operands(std::span<const Binding> bindings, std::span<const VkBuffer> buffers);
  /// Forgets what has the block in it, which must not be in use any more.
  void forget(BlockId block);

 private:
  struct Kernel {
    std::string name;
    Spirv code;
    VkPipeline pipeline = VK_NULL_HANDLE;  // until it is compiled
  };
  struct Layout {
    VkDescriptorSetLayout operands = VK_NULL_HANDLE;
    VkPipelineLayout pipeline = VK_NULL_HANDLE;
  };
  struct Set {
    VkDescriptorSet set;
    VkDescriptorPool pool;
  };
  Result<void> make_layout(uint32_t operands);
  VkResult make_pipeline(Kernel& kernel) const;
  Result<VkDescriptorSetLayout> make_set_layout(std::span<const VkDescriptorSetLayoutBinding> bindings) const;
  Result<Set> allocate(VkDescriptorSetLayout layout);

  const Context& context_;
  std::map<std::string, KernelId, std::less<>> names_;
  std::vector<Kernel> kernels_;
  VkDescriptorSetLayout step_layout_ = VK_NULL_HANDLE;
  std::map<uint32_t, Layout> layouts_;
  std::vector<VkDescriptorPool> pools_;  // the last has room, or none has
  std::map<std::vector<uint64_t>, Set> sets_;
};

}  // namespace hearth::gpu::vulkan
