#include "engine/compute/gpu/device.h"

#include <utility>

#include "engine/compute/cuda/device.h"
#include "engine/compute/devices.h"
#include "engine/compute/gpu/gpu_backend.h"
#include "engine/compute/gpu/vulkan/make_runner.h"

namespace hearth::gpu {
namespace {

using Opened = Result<std::unique_ptr<Runner>>;

Opened open_any(const DeviceOptions& options) {
  if (options.make_gpu_runner) return options.make_gpu_runner();
  Opened runner = cuda::make_runner();
  if (runner.ok() || runner.error().code != ErrorCode::kUnsupported) return runner;
  return vulkan::make_runner();
}

template <typename Open>
Result<std::unique_ptr<Backend>> backend_on(const DeviceOptions& options, const Open& open) {
  if (!options.instruction_set.empty()) {
    return Error{ErrorCode::kInvalidArgument, "a GPU has no instruction sets to choose from"};
  }
  HEARTH_ASSIGN(std::unique_ptr<Runner> runner, open());
  return std::unique_ptr<Backend>(new GpuBackend(std::move(runner), options.gpu_memory));
}

}  // namespace

Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options) {
  return backend_on(options, [&] { return open_any(options); });
}

Result<std::unique_ptr<Backend>> make_cuda_backend(const DeviceOptions& options) {
  return backend_on(options, cuda::make_runner);
}

Result<std::unique_ptr<Backend>> make_vulkan_backend(const DeviceOptions& options) {
  return backend_on(options, vulkan::make_runner);
}

}  // namespace hearth::gpu
