#include "engine/compute/gpu/vulkan/pipelines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "engine/base/thread_pool.h"

namespace hearth::gpu::vulkan {
namespace {

/// Enough that a model of 80 layers with ten kernels each takes few pools.
constexpr uint32_t kSetsOfPool = 256;
constexpr uint32_t kBindingsOfSet = 8;  // by and large

VkDescriptorSetLayoutBinding binding_of(uint32_t number, VkDescriptorType type) {
  return {number, type, 1, VK_SHADER_STAGE_COMPUTE_BIT, nullptr};
}

}  // namespace

Result<void> Pipelines::create() {
  const std::array bindings{binding_of(0, VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER_DYNAMIC),
                            binding_of(1, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER)};
  HEARTH_ASSIGN(step_layout_, make_set_layout(bindings));
  return {};
}

Pipelines::~Pipelines() {
  const Functions& vk = context_.functions();
  for (const Kernel& kernel : kernels_) vk.vkDestroyPipeline(context_.device(), kernel.pipeline, nullptr);
  for (const auto& [operands, layout] : layouts_) {
    vk.vkDestroyPipelineLayout(context_.device(), layout.pipeline, nullptr);
    vk.vkDestroyDescriptorSetLayout(context_.device(), layout.operands, nullptr);
  }
  for (VkDescriptorPool pool : pools_) vk.vkDestroyDescriptorPool(context_.device(), pool, nullptr);
  vk.vkDestroyDescriptorSetLayout(context_.device(), step_layout_, nullptr);
}

Result<VkDescriptorSetLayout> Pipelines::make_set_layout(
    std::span<const VkDescriptorSetLayoutBinding> bindings) const {
  auto info = structure<VkDescriptorSetLayoutCreateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO);
  info.bindingCount = static_cast<uint32_t>(bindings.size());
  info.pBindings = bindings.data();
  VkDescriptorSetLayout layout = VK_NULL_HANDLE;
  const VkResult outcome =
      context_.functions().vkCreateDescriptorSetLayout(context_.device(), &info, nullptr, &layout);
  if (outcome != VK_SUCCESS) return Context::error_of(outcome, fmt::format("{} bindings", bindings.size()));
  return layout;
}

Result<void> Pipelines::make_layout(uint32_t operands) {
  if (layouts_.contains(operands)) return {};
  std::vector<VkDescriptorSetLayoutBinding> bindings;
  for (uint32_t i = 0; i < operands; ++i)
    bindings.push_back(binding_of(i, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER));
  Layout layout;
  HEARTH_ASSIGN(layout.operands, make_set_layout(bindings));
  const std::array groups{step_layout_, layout.operands};
  auto info = structure<VkPipelineLayoutCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO);
  info.setLayoutCount = static_cast<uint32_t>(groups.size());
  info.pSetLayouts = groups.data();
  const VkResult outcome =
      context_.functions().vkCreatePipelineLayout(context_.device(), &info, nullptr, &layout.pipeline);
  layouts_[operands] = layout;
  if (outcome != VK_SUCCESS)
    return Context::error_of(outcome, fmt::format("kernels of {} operands", operands));
  return {};
}

Result<KernelId> Pipelines::kernel(std::string_view name) {
  if (const auto found = names_.find(name); found != names_.end()) return found->second;
  const Spirv code = spirv_of(name);
  if (code.words.empty()) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("GPUs have no kernel '{}'; choose the device 'cpu'", name)};
  }
  HEARTH_TRY(make_layout(code.operands));
  kernels_.push_back({std::string(name), code});
  return names_.emplace(name, static_cast<KernelId>(kernels_.size() - 1)).first->second;
}

Result<void> Pipelines::compile(std::span<const Command> commands) {
  std::set<KernelId> missing;
  for (const Command& command : commands) {
    if (kernels_[command.kernel].pipeline == VK_NULL_HANDLE) missing.insert(command.kernel);
  }
  if (missing.empty()) return {};
  const std::vector<KernelId> kernels(missing.begin(), missing.end());
  std::vector<VkResult> outcomes(kernels.size());
  ThreadPool threads(std::min(default_thread_count(), static_cast<int>(kernels.size())));
  threads.run(std::ssize(kernels), [&](int64_t index, int /*thread*/) {
    const auto i = static_cast<size_t>(index);
    outcomes[i] = make_pipeline(kernels_[kernels[i]]);
  });
  for (size_t i = 0; i < kernels.size(); ++i) {
    if (outcomes[i] != VK_SUCCESS)
      return Context::error_of(outcomes[i], fmt::format("the kernel '{}'", name(kernels[i])));
  }
  return {};
}

VkResult Pipelines::make_pipeline(Kernel& kernel) const {
  const Functions& vk = context_.functions();
  auto code = structure<VkShaderModuleCreateInfo>(VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO);
  code.codeSize = kernel.code.words.size_bytes();
  code.pCode = kernel.code.words.data();
  VkShaderModule module = VK_NULL_HANDLE;
  VkResult outcome = vk.vkCreateShaderModule(context_.device(), &code, nullptr, &module);
  if (outcome != VK_SUCCESS) return outcome;
  auto info = structure<VkComputePipelineCreateInfo>(VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO);
  info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = module;
  info.stage.pName = "main";
  info.layout = layouts_.at(kernel.code.operands).pipeline;
  outcome =
      vk.vkCreateComputePipelines(context_.device(), VK_NULL_HANDLE, 1, &info, nullptr, &kernel.pipeline);
  vk.vkDestroyShaderModule(context_.device(), module, nullptr);
  return outcome;
}

Result<Pipelines::Set> Pipelines::allocate(VkDescriptorSetLayout layout) {
  const Functions& vk = context_.functions();
  auto info = structure<VkDescriptorSetAllocateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO);
  info.descriptorSetCount = 1;
  info.pSetLayouts = &layout;
  VkDescriptorSet set = VK_NULL_HANDLE;
  for (auto pool = pools_.rbegin(); pool != pools_.rend(); ++pool) {
    info.descriptorPool = *pool;
    if (vk.vkAllocateDescriptorSets(context_.device(), &info, &set) == VK_SUCCESS) return Set{set, *pool};
  }
  const std::array sizes{
      VkDescriptorPoolSize{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, kSetsOfPool * kBindingsOfSet},
      VkDescriptorPoolSize{VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER_DYNAMIC, kSetsOfPool}};
  auto pool = structure<VkDescriptorPoolCreateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO);
  pool.flags = VK_DESCRIPTOR_POOL_CREATE_FREE_DESCRIPTOR_SET_BIT;
  pool.maxSets = kSetsOfPool;
  pool.poolSizeCount = static_cast<uint32_t>(sizes.size());
  pool.pPoolSizes = sizes.data();
  VkResult outcome = vk.vkCreateDescriptorPool(context_.device(), &pool, nullptr, &info.descriptorPool);
  if (outcome == VK_SUCCESS) {
    pools_.push_back(info.descriptorPool);
    outcome = vk.vkAllocateDescriptorSets(context_.device(), &info, &set);
  }
  if (outcome != VK_SUCCESS) return Context::error_of(outcome, "more bindings");
  return Set{set, info.descriptorPool};
}

Result<void> Pipelines::bind_step(const Block& block, uint64_t data_begin, uint64_t data_bytes,
                                  VkDescriptorSet& set) {
  if (set == VK_NULL_HANDLE) {
    HEARTH_ASSIGN(const Set own, allocate(step_layout_));
    set = own.set;
  }
  const VkDescriptorBufferInfo parameters{block.buffer, 0, CommandList::kParameterBytes};
  const VkDescriptorBufferInfo data{block.buffer, data_begin, data_bytes};
  std::array<VkWriteDescriptorSet, 2> writes{};
  for (VkWriteDescriptorSet& write : writes) {
    write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
    write.dstSet = set;
    write.descriptorCount = 1;
  }
  writes[0].descriptorType = VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER_DYNAMIC;
  writes[0].pBufferInfo = &parameters;
  writes[1].dstBinding = 1;
  writes[1].descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
  writes[1].pBufferInfo = &data;
  context_.functions().vkUpdateDescriptorSets(context_.device(), static_cast<uint32_t>(writes.size()),
                                              writes.data(), 0, nullptr);
  return {};
}

Result<VkDescriptorSet> Pipelines::operands(std::span<const Binding> bindings,
                                            std::span<const VkBuffer> buffers) {
  std::vector<uint64_t> key;
  for (const Binding& binding : bindings)
    key.insert(key.end(), {binding.block, binding.offset, binding.bytes});
  if (const auto found = sets_.find(key); found != sets_.end()) return found->second.set;
  HEARTH_ASSIGN(const Set set, allocate(layouts_.at(static_cast<uint32_t>(bindings.size())).operands));
  std::vector<VkDescriptorBufferInfo> windows;
  for (size_t i = 0; i < bindings.size(); ++i) {
    windows.push_back(
        {buffers[i], bindings[i].offset, bindings[i].block == 0 ? VK_WHOLE_SIZE : bindings[i].bytes});
  }
  auto write = structure<VkWriteDescriptorSet>(VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET);
  write.dstSet = set.set;
  write.descriptorCount = static_cast<uint32_t>(windows.size());
  write.descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
  write.pBufferInfo = windows.data();
  if (!windows.empty()) {
    context_.functions().vkUpdateDescriptorSets(context_.device(), 1, &write, 0, nullptr);
  }
  return sets_.emplace(std::move(key), set).first->second.set;
}

void Pipelines::forget(BlockId block) {
  std::erase_if(sets_, [&](const auto& entry) {
    const auto& [key, set] = entry;
    bool has_it = false;
    for (size_t i = 0; i < key.size(); i += 3) has_it = has_it || key[i] == block;
    if (has_it) context_.functions().vkFreeDescriptorSets(context_.device(), set.pool, 1, &set.set);
    return has_it;
  });
}

}  // namespace hearth::gpu::vulkan
