#include "bindings/gpu/gpu_library.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bindings/gpu/runner_struct.h"
#include "engine/compute/cuda/device.h"
#include "engine/compute/gpu/vulkan/make_runner.h"

namespace {

using hearth::Error;
using hearth::ErrorCode;
using hearth::Result;
using hearth::RunnerStruct;

Result<std::unique_ptr<hearth::gpu::Runner>> open(std::string_view by) {
  if (by == "cuda") return hearth::cuda::make_runner();
  if (by == "vulkan") return hearth::gpu::vulkan::make_runner();
  return Error{ErrorCode::kInvalidArgument,
               "GPUs are opened by 'cuda' or 'vulkan', not by '" + std::string(by) + "'"};
}

}  // namespace

const char* hearth_gpu_version() { return HEARTH_VERSION; }

hearth_status hearth_gpu_open(const char* by, const hearth_gpu_runner** runner, const char** message) {
  thread_local std::string reason;
  auto opened = open(by);
  if (opened.ok()) {
    *runner = &(new RunnerStruct(std::move(opened).value()))->functions();
    return HEARTH_OK;
  }
  reason = opened.error().message;
  *message = reason.c_str();
  return hearth::number_of(opened.error().code);
}

void hearth_gpu_close(const hearth_gpu_runner* runner) { delete static_cast<RunnerStruct*>(runner->user); }
