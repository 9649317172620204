#include "engine/compute/devices.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/compute/cpu/device.h"
#include "engine/compute/cuda/device.h"
#include "engine/compute/cuda/host/device.h"
#include "engine/compute/gpu/device.h"
#include "engine/compute/gpu/vulkan/make_runner.h"
#include "engine/compute/reference/device.h"

namespace hearth {
namespace {

using Made = Result<std::unique_ptr<Backend>>;

struct Device {
  std::string_view name;
  Made (*make)(const DeviceOptions& options);
};

/// The one that the caller brings; else by way of CUDA where that is there, else of Vulkan.
Result<std::unique_ptr<gpu::Runner>> open_gpu(const DeviceOptions& options) {
  if (options.make_gpu_runner) return options.make_gpu_runner();
  auto runner = cuda::make_runner();
  if (runner.ok() || runner.error().code != ErrorCode::kUnsupported) return runner;
  return gpu::vulkan::make_runner();
}

Made make_gpu(const DeviceOptions& options) {
  return gpu::make_backend(options, [&] { return open_gpu(options); });
}
Made make_cuda(const DeviceOptions& options) { return gpu::make_backend(options, cuda::make_runner); }
Made make_vulkan(const DeviceOptions& options) {
  return gpu::make_backend(options, gpu::vulkan::make_runner);
}

constexpr std::array kDevices{
    Device{"cpu", cpu::make_backend},
    Device{"gpu", make_gpu},
    Device{"cuda", make_cuda},
    Device{"vulkan", make_vulkan},
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
