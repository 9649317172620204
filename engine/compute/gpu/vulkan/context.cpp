#include "engine/compute/gpu/vulkan/context.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/compute/gpu/vulkan/kernels.h"

namespace hearth::gpu::vulkan {
namespace {

/// The least that is asked of a driver: 16-bit storage and sums of subgroups are no extensions there.
constexpr uint32_t kVersion = VK_API_VERSION_1_1;

/// The best kind of device is the lowest.
int rank_of(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return 0;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return 1;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return 2;
    default:
      return 3;
  }
}

}  // namespace

Error Context::error_of(VkResult outcome, std::string_view what) {
  switch (outcome) {
    case VK_ERROR_DEVICE_LOST:
      return {ErrorCode::kDeviceLost, fmt::format("the GPU was lost ({})", what)};
    case VK_ERROR_OUT_OF_HOST_MEMORY:
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
      return {ErrorCode::kOutOfMemory, fmt::format("the GPU has no memory left ({})", what)};
    default:
      return {ErrorCode::kUnsupported, fmt::format("the GPU's driver refuses {} (Vulkan's error {})", what,
                                                   static_cast<int>(outcome))};
  }
}

Result<std::unique_ptr<Context>> Context::create() {
  auto context = std::unique_ptr<Context>(new Context());
  HEARTH_ASSIGN(context->functions_, load_functions());
  HEARTH_TRY(context->create_instance());
  HEARTH_TRY(context->choose_device());
  context->read_properties();
  context->read_features();
  HEARTH_TRY(context->create_device());
  return context;
}

Context::~Context() {
  if (device_ != VK_NULL_HANDLE) functions_.vkDestroyDevice(device_, nullptr);
  if (instance_ != VK_NULL_HANDLE) functions_.vkDestroyInstance(instance_, nullptr);
}

Result<void> Context::create_instance() {
  auto application = structure<VkApplicationInfo>(VK_STRUCTURE_TYPE_APPLICATION_INFO);
  application.pApplicationName = "hearth";
  application.apiVersion = VK_API_VERSION_1_3;
  auto info = structure<VkInstanceCreateInfo>(VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO);
  info.pApplicationInfo = &application;
  if (const VkResult outcome = functions_.vkCreateInstance(&info, nullptr, &instance_);
      outcome != VK_SUCCESS) {
    return error_of(outcome, "to begin");
  }
  functions_.load_for(instance_);
  return {};
}

Result<void> Context::choose_device() {
  uint32_t count = 0;
  functions_.vkEnumeratePhysicalDevices(instance_, &count, nullptr);
  std::vector<VkPhysicalDevice> devices(count);
  functions_.vkEnumeratePhysicalDevices(instance_, &count, devices.data());
  int best = 0;
  for (VkPhysicalDevice device : devices) {
    auto properties = structure<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2);
    functions_.vkGetPhysicalDeviceProperties2(device, &properties);
    const int rank = rank_of(properties.properties.deviceType);
    if (properties.properties.apiVersion < kVersion) continue;
    if (physical_ != VK_NULL_HANDLE && rank >= best) continue;
    physical_ = device;
    best = rank;
  }
  if (physical_ != VK_NULL_HANDLE) return {};
  return Error{
      ErrorCode::kUnsupported,
      "Vulkan knows no device here that has version 1.1; install your GPU's driver, or choose the device "
      "'cpu'"};
}

void Context::read_properties() {
  auto subgroups =
      structure<VkPhysicalDeviceSubgroupProperties>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES);
  auto sizes = structure<VkPhysicalDeviceMaintenance3Properties>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES, &subgroups);
  auto all = structure<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &sizes);
  functions_.vkGetPhysicalDeviceProperties2(physical_, &all);
  const VkPhysicalDeviceLimits& limits = all.properties.limits;
  properties_.name = all.properties.deviceName;
  properties_.driver = fmt::format("Vulkan {:x}:{:x} {}, kernels {:x}", all.properties.vendorID,
                                   all.properties.deviceID, all.properties.driverVersion, spirv_hash());
  properties_.is_software = all.properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
  properties_.block_bytes = sizes.maxMemoryAllocationSize;
  properties_.binding_bytes = limits.maxStorageBufferRange / 4 * 4;
  properties_.binding_alignment = static_cast<uint32_t>(std::max(
      {limits.minStorageBufferOffsetAlignment, limits.minUniformBufferOffsetAlignment, VkDeviceSize{4}}));
  properties_.storage_bindings = limits.maxPerStageDescriptorStorageBuffers;
  properties_.groups =
      *std::min_element(limits.maxComputeWorkGroupCount, limits.maxComputeWorkGroupCount + 3);
  properties_.group_threads = limits.maxComputeWorkGroupInvocations;
  properties_.group_memory_bytes = limits.maxComputeSharedMemorySize;
  constexpr double kNanosecond = 1e-9;
  if (limits.timestampComputeAndGraphics != 0) {
    timestamp_seconds_ = static_cast<double>(limits.timestampPeriod) * kNanosecond;
  }
  constexpr VkSubgroupFeatureFlags kSums = VK_SUBGROUP_FEATURE_BASIC_BIT | VK_SUBGROUP_FEATURE_ARITHMETIC_BIT;
  properties_.subgroups = (subgroups.supportedOperations & kSums) == kSums &&
                          (subgroups.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0;
  functions_.vkGetPhysicalDeviceMemoryProperties(physical_, &memory_);
  for (uint32_t i = 0; i < memory_.memoryHeapCount; ++i) {
    if ((memory_.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) == 0) continue;
    properties_.memory_bytes = std::max(properties_.memory_bytes, memory_.memoryHeaps[i].size);
  }
}

void Context::read_features() {
  auto half = structure<VkPhysicalDeviceShaderFloat16Int8Features>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES);
  auto dot = structure<VkPhysicalDeviceShaderIntegerDotProductFeatures>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES, &half);
  auto features = structure<VkPhysicalDeviceFeatures2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &dot);
  functions_.vkGetPhysicalDeviceFeatures2(physical_, &features);
  properties_.half = half.shaderFloat16 != 0 && has_extension(VK_KHR_SHADER_FLOAT16_INT8_EXTENSION_NAME);
  properties_.packed_dot =
      dot.shaderIntegerDotProduct != 0 && has_extension(VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME);
}

bool Context::has_extension(std::string_view name) const {
  uint32_t count = 0;
  functions_.vkEnumerateDeviceExtensionProperties(physical_, nullptr, &count, nullptr);
  std::vector<VkExtensionProperties> extensions(count);
  functions_.vkEnumerateDeviceExtensionProperties(physical_, nullptr, &count, extensions.data());
  return std::ranges::any_of(extensions, [&](const auto& each) { return name == each.extensionName; });
}

Result<void> Context::create_device() {
  uint32_t count = 0;
  functions_.vkGetPhysicalDeviceQueueFamilyProperties(physical_, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  functions_.vkGetPhysicalDeviceQueueFamilyProperties(physical_, &count, families.data());
  const auto family = std::ranges::find_if(
      families, [](const auto& each) { return (each.queueFlags & VK_QUEUE_COMPUTE_BIT) != 0; });
  if (family == families.end()) {
    return Error{ErrorCode::kUnsupported, fmt::format("{} does not compute", properties_.name)};
  }
  queue_family_ = static_cast<uint32_t>(family - families.begin());
  const float priority = 1.0F;
  auto queue = structure<VkDeviceQueueCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO);
  queue.queueFamilyIndex = queue_family_;
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;

  std::vector<const char*> extensions;
  auto half = structure<VkPhysicalDeviceShaderFloat16Int8Features>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES);
  half.shaderFloat16 = VK_TRUE;
  auto dot = structure<VkPhysicalDeviceShaderIntegerDotProductFeatures>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES);
  dot.shaderIntegerDotProduct = VK_TRUE;
  void* next = nullptr;
  const auto enable = [&](bool wanted, auto& feature, const char* extension) {
    if (!wanted) return;
    extensions.push_back(extension);
    feature.pNext = std::exchange(next, &feature);
  };
  enable(properties_.half, half, VK_KHR_SHADER_FLOAT16_INT8_EXTENSION_NAME);
  enable(properties_.packed_dot, dot, VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME);
  auto info = structure<VkDeviceCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, next);
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  info.enabledExtensionCount = static_cast<uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  if (const VkResult outcome = functions_.vkCreateDevice(physical_, &info, nullptr, &device_);
      outcome != VK_SUCCESS) {
    return error_of(outcome, fmt::format("to be used ({})", properties_.name));
  }
  functions_.load_for(device_);
  functions_.vkGetDeviceQueue(device_, queue_family_, 0, &queue_);
  return {};
}

int32_t Context::memory_type(uint32_t allowed, VkMemoryPropertyFlags wanted) const {
  for (uint32_t i = 0; i < memory_.memoryTypeCount; ++i) {
    const bool fits = (memory_.memoryTypes[i].propertyFlags & wanted) == wanted;
    if (fits && (allowed & (1U << i)) != 0) return static_cast<int32_t>(i);
  }
  return -1;
}

Result<Block> Context::create_block(uint64_t bytes, Place place) const {
  Block block;
  block.bytes = bytes;
  auto info = structure<VkBufferCreateInfo>(VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO);
  info.size = bytes;
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT |
               VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  VkResult outcome = functions_.vkCreateBuffer(device_, &info, nullptr, &block.buffer);
  if (outcome != VK_SUCCESS) return error_of(outcome, fmt::format("a block of {} bytes", bytes));
  VkMemoryRequirements needed;
  functions_.vkGetBufferMemoryRequirements(device_, block.buffer, &needed);
  constexpr VkMemoryPropertyFlags kSeen =
      VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  int32_t type = -1;
  if (place == Place::kDevice) {
    type = memory_type(needed.memoryTypeBits, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT);
  } else {
    type = memory_type(needed.memoryTypeBits, kSeen | VK_MEMORY_PROPERTY_HOST_CACHED_BIT);
    if (type < 0) type = memory_type(needed.memoryTypeBits, kSeen);
  }
  auto allocate = structure<VkMemoryAllocateInfo>(VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO);
  allocate.allocationSize = needed.size;
  allocate.memoryTypeIndex = static_cast<uint32_t>(std::max(type, 0));
  outcome = functions_.vkAllocateMemory(device_, &allocate, nullptr, &block.memory);
  if (outcome == VK_SUCCESS) outcome = functions_.vkBindBufferMemory(device_, block.buffer, block.memory, 0);
  if (outcome == VK_SUCCESS && place == Place::kStaging) {
    outcome = functions_.vkMapMemory(device_, block.memory, 0, VK_WHOLE_SIZE, 0, &block.mapped);
  }
  if (outcome == VK_SUCCESS) return block;
  destroy_block(block);
  return error_of(outcome, fmt::format("a block of {} bytes", bytes));
}

void Context::destroy_block(const Block& block) const {
  functions_.vkDestroyBuffer(device_, block.buffer, nullptr);
  functions_.vkFreeMemory(device_, block.memory, nullptr);
}

}  // namespace hearth::gpu::vulkan
