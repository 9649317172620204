#include "engine/compute/devices.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/compute/cpu/device.h"
#include "engine/compute/cuda/host/device.h"
#include "engine/compute/gpu/device.h"
#include "engine/compute/reference/device.h"

namespace hearth {
namespace {

struct Device {
  std::string_view name;
  Result<std::unique_ptr<Backend>> (*make)(const DeviceOptions& options);
};

constexpr std::array kDevices{
    Device{"cpu", cpu::make_backend},
    Device{"gpu", gpu::make_backend},
    Device{"cuda", gpu::make_cuda_backend},
    Device{"vulkan", gpu::make_vulkan_backend},
    Device{"cuda-host", cuda::host::make_backend},  // for tests: its kernels, played by the processor
    Device{"reference", reference::make_backend},   // for tests: plain loops
};

}  // namespace

Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options) {
  const std::string_view wanted = options.device.empty() ? kDevices.front().name : options.device;
  const auto device = std::ranges::find(kDevices, wanted, &Device::name);
  if (device != kDevices.end()) return device->make(options);
  std::array<std::string_view, kDevices.size()> names;
  std::ranges::transform(kDevices, names.begin(), &Device::name);
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("there is no device '{}'; there is {}, and auto, which chooses", wanted,
                           fmt::join(names, ", "))};
}

}  // namespace hearth
