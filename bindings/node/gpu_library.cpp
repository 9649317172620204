#include "bindings/node/gpu_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "bindings/gpu/gpu_library.h"
#include "bindings/node/promise.h"
#include "engine/brought_gpu.h"
#include "engine/compute/cuda/device.h"
#include "engine/compute/gpu/vulkan/make_runner.h"

namespace hearth {
namespace node {
namespace {

/// What is used of the library; it stays open for good.
struct GpuLibrary {
  decltype(&hearth_gpu_open) open = nullptr;
  decltype(&hearth_gpu_close) close = nullptr;
};

std::mutex library_mutex;
GpuLibrary library;  // of all of the process' environments, which share what it opens

Error unsupported(std::string message) { return {ErrorCode::kUnsupported, std::move(message)}; }

Result<void> load_library(const std::string& path) {
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return unsupported(fmt::format("the GPU's library does not load: {}", dlerror()));
  const auto version = reinterpret_cast<decltype(&hearth_gpu_version)>(dlsym(handle, "hearth_gpu_version"));
  const std::string_view found = version == nullptr ? "none" : version();
  if (found != hearth_version()) {
    return unsupported(
        fmt::format("{} is of another version of Hearth: {}, and the engine's is {}; npm install "
                    "@hearth/node-gpu@{}",
                    path, found, hearth_version(), hearth_version()));
  }
  const std::lock_guard lock(library_mutex);
  library.open = reinterpret_cast<decltype(&hearth_gpu_open)>(dlsym(handle, "hearth_gpu_open"));
  library.close = reinterpret_cast<decltype(&hearth_gpu_close)>(dlsym(handle, "hearth_gpu_close"));
  return {};
}

Result<std::unique_ptr<gpu::Runner>> open_runner(const char* by) {
  GpuLibrary used;
  {
    const std::lock_guard lock(library_mutex);
    used = library;
  }
  if (used.open == nullptr) {
    return unsupported(
        "CUDA and Vulkan come with the package @hearth/node-gpu: npm install @hearth/node-gpu");
  }
  const hearth_gpu_runner* runner = nullptr;
  const char* message = "";
  const hearth_status status = used.open(by, &runner, &message);
  if (status != HEARTH_OK) return Error{static_cast<ErrorCode>(status - 1), message};
  return runner_of(std::shared_ptr<const hearth_gpu_runner>(runner, used.close));
}

Outcome name_of_gpu(const std::string& path, const std::string& by) {
  std::string name;
  const auto open = [&]() -> Result<void> {
    HEARTH_TRY(load_library(path));
    HEARTH_ASSIGN(const auto runner, open_runner(by.c_str()));
    name = runner->device().name;
    return {};
  };
  const Result<void> opened = open();
  if (!opened.ok()) {
    return {{static_cast<hearth_status>(static_cast<int>(opened.error().code) + 1), opened.error().message},
            nullptr};
  }
  return {{}, [name](Napi::Env env) { return Napi::String::New(env, name); }};
}

/// On a thread of Node's own pool: drivers take their time.
class Opening final : public Napi::AsyncWorker {
 public:
  Opening(Napi::Env env, std::string path, std::string by)
      : Napi::AsyncWorker(env), pending_(env), path_(std::move(path)), by_(std::move(by)) {}

  Napi::Value promise() const { return pending_.promise(Env()); }

 private:
  void Execute() override {
    outcome_ = outcome_of([this] { return name_of_gpu(path_, by_); });
  }
  void OnOK() override { pending_.settle(Env(), outcome_); }

  Pending pending_;
  std::string path_, by_;
  Outcome outcome_;
};

}  // namespace

Napi::Value open_gpu_library(const Napi::CallbackInfo& info) {
  auto* opening =
      new Opening(info.Env(), info[0].ToString(), info[1].ToString());  // deletes itself when done
  const Napi::Value promise = opening->promise();
  opening->Queue();
  return promise;
}

}  // namespace node

// What the engine would open itself, were it not without: found before what says so there.
Result<std::unique_ptr<gpu::Runner>> cuda::make_runner() { return node::open_runner("cuda"); }
Result<std::unique_ptr<gpu::Runner>> gpu::vulkan::make_runner() { return node::open_runner("vulkan"); }

}  // namespace hearth
