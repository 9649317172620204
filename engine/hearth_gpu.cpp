// What a caller of the C interface brings as a GPU, as the engine's own kind of runner.
#include "engine/hearth_gpu.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/brought_gpu.h"
#include "engine/compute/gpu/runner.h"
#include "engine/hearth_internal.h"
#include "engine/hearth_options.h"

namespace hearth {
namespace {

using gpu::CommandList;

static_assert(HEARTH_GPU_PARAMETER_WORDS * sizeof(uint32_t) == CommandList::kParameterBytes);

const char* text_of(const char* text) { return text == nullptr ? "" : text; }

/// A limit that is not told stays what WebGPU promises.
gpu::DeviceProperties device_of(const hearth_gpu_properties& given) {
  gpu::DeviceProperties device;
  const auto take = [](auto& limit, auto told) {
    if (told > 0) limit = told;
  };
  device.name = text_of(given.name);
  device.driver = text_of(given.driver);
  device.memory_bytes = given.memory_bytes;
  take(device.block_bytes, given.block_bytes);
  take(device.binding_bytes, given.binding_bytes);
  take(device.binding_alignment, given.binding_alignment);
  take(device.storage_bindings, given.storage_bindings);
  take(device.groups, given.groups);
  take(device.group_threads, given.group_threads);
  take(device.group_memory_bytes, given.group_memory_bytes);
  device.subgroup_threads = given.subgroup_threads;
  device.half = given.half != 0;
  device.subgroups = given.subgroups != 0;
  device.packed_dot = given.packed_dot != 0;
  device.is_software = given.software != 0;
  return device;
}

/// What a caller brought, for all runners that are made of it.
struct BroughtGpu {
  std::shared_ptr<const hearth_gpu_runner> runner;
  gpu::DeviceProperties device;
  bool is_lost = false;

  Result<void> outcome(hearth_status status) {
    if (status == HEARTH_OK) return {};
    is_lost = is_lost || status == HEARTH_DEVICE_LOST;
    // The struct comes from outside: a number that is no status is its fault.
    const bool known = status > HEARTH_OK && status <= HEARTH_WORKER_NOT_SUPPORTED;
    return Error{known ? static_cast<ErrorCode>(status - 1) : ErrorCode::kInternal,
                 text_of(runner->message(runner->user))};
  }

  Result<void> reopen() {
    if (runner->reopen == nullptr) return Error{ErrorCode::kUnsupported, "the GPU was lost for good"};
    HEARTH_TRY(outcome(runner->reopen(runner->user)));
    is_lost = false;
    return {};
  }
};

class BroughtRunner final : public gpu::Runner {
 public:
  explicit BroughtRunner(std::shared_ptr<BroughtGpu> gpu) : gpu_(std::move(gpu)), runner_(*gpu_->runner) {}

  const gpu::DeviceProperties& device() const override { return gpu_->device; }

  Result<gpu::BlockId> create_block(uint64_t bytes) override {
    uint32_t block = 0;
    HEARTH_TRY(outcome(runner_.create_block(runner_.user, bytes, &block)));
    return block;
  }
  void destroy_block(gpu::BlockId block) override { runner_.destroy_block(runner_.user, block); }

  Result<gpu::KernelId> kernel(std::string_view name) override {
    uint32_t kernel = 0;
    HEARTH_TRY(outcome(runner_.kernel(runner_.user, std::string(name).c_str(), &kernel)));
    kernels_.emplace(name, kernel);
    return kernel;
  }

  void write(gpu::BlockId to, uint64_t offset, std::span<const std::byte> bytes) override {
    runner_.write(runner_.user, to, offset, bytes.data(), bytes.size());
  }

  void submit(const CommandList& list) override {
    commands_.clear();
    for (const gpu::Command& command : list.commands) {
      const auto& groups = command.groups;
      commands_.push_back(
          {command.kernel, {groups[0], groups[1], groups[2]}, command.first_binding, command.binding_count});
    }
    bindings_.clear();
    for (const gpu::Binding& binding : list.bindings) {
      bindings_.push_back({binding.block, 0, binding.offset, binding.bytes});
    }
    const hearth_gpu_list plain{commands_.data(),       commands_.size(), bindings_.data(), bindings_.size(),
                                list.parameters.data(), list.data.data(), list.data.size()};
    runner_.submit(runner_.user, &plain);
  }

  void begin_read(const gpu::Binding& from, std::span<std::byte> into) override {
    runner_.begin_read(runner_.user, from.block, from.offset, into.data(), into.size());
  }

  Result<bool> ready() override {
    int ready = 0;
    HEARTH_TRY(outcome(runner_.ready(runner_.user, &ready)));
    return ready != 0;
  }
  Result<void> wait() override { return outcome(runner_.wait(runner_.user)); }

  void begin_profile() override {
    if (runner_.begin_profile != nullptr) runner_.begin_profile(runner_.user);
  }
  std::vector<KernelTime> profile() const override {
    std::vector<KernelTime> times;
    if (runner_.kernel_time == nullptr) return times;
    for (const auto& [name, kernel] : kernels_) {
      hearth_gpu_kernel_time time{};
      runner_.kernel_time(runner_.user, kernel, &time);
      if (time.calls > 0) times.push_back({name, time.calls, time.seconds});
    }
    std::ranges::sort(times, std::greater(), &KernelTime::seconds);
    return times;
  }

 private:
  Result<void> outcome(hearth_status status) { return gpu_->outcome(status); }

  std::shared_ptr<BroughtGpu> gpu_;
  const hearth_gpu_runner& runner_;
  std::map<std::string, gpu::KernelId, std::less<>> kernels_;
  std::vector<hearth_gpu_command> commands_;  // of the list being submitted
  std::vector<hearth_gpu_binding> bindings_;
};

Result<void> check(const hearth_gpu_runner& runner) {
  if (runner.struct_size < sizeof(hearth_gpu_runner)) {
    return invalid(fmt::format("hearth_gpu_runner.struct_size is {}; set it to the size of the struct",
                               runner.struct_size));
  }
  const bool whole = runner.message != nullptr && runner.create_block != nullptr &&
                     runner.destroy_block != nullptr && runner.kernel != nullptr && runner.write != nullptr &&
                     runner.submit != nullptr && runner.begin_read != nullptr && runner.ready != nullptr &&
                     runner.wait != nullptr;
  if (!whole) return invalid("a function of hearth_gpu_runner is NULL; all must be there");
  HEARTH_TRY(require(runner.properties, "hearth_gpu_runner.properties"));
  if (runner.properties->struct_size >= sizeof(hearth_gpu_properties)) return {};
  return invalid(fmt::format("hearth_gpu_properties.struct_size is {}; set it to the size of the struct",
                             runner.properties->struct_size));
}

Result<std::shared_ptr<BroughtGpu>> bring(std::shared_ptr<const hearth_gpu_runner> given) {
  HEARTH_TRY(check(*given));
  gpu::DeviceProperties device = device_of(*given->properties);
  return std::make_shared<BroughtGpu>(BroughtGpu{std::move(given), std::move(device)});
}

}  // namespace

Result<std::unique_ptr<gpu::Runner>> runner_of(std::shared_ptr<const hearth_gpu_runner> given) {
  HEARTH_ASSIGN(auto gpu, bring(std::move(given)));
  return std::unique_ptr<gpu::Runner>(new BroughtRunner(std::move(gpu)));
}

Result<gpu::MakeRunner> brought_gpu(const hearth_model_options& options) {
  if (options.gpu == nullptr) return gpu::MakeRunner();
  HEARTH_ASSIGN(const auto gpu, bring(std::make_shared<const hearth_gpu_runner>(*options.gpu)));
  return gpu::MakeRunner([gpu]() -> Result<std::unique_ptr<gpu::Runner>> {
    if (gpu->is_lost) HEARTH_TRY(gpu->reopen());
    return std::unique_ptr<gpu::Runner>(new BroughtRunner(gpu));
  });
}

}  // namespace hearth
