#include "bindings/gpu/runner_struct.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace hearth {
namespace {

hearth_gpu_properties properties_of(const gpu::DeviceProperties& device) {
  hearth_gpu_properties properties{};
  properties.struct_size = sizeof properties;
  properties.name = device.name.c_str();
  properties.driver = device.driver.c_str();
  properties.memory_bytes = device.memory_bytes;
  properties.block_bytes = device.block_bytes;
  properties.binding_bytes = device.binding_bytes;
  properties.binding_alignment = device.binding_alignment;
  properties.storage_bindings = device.storage_bindings;
  properties.groups = device.groups;
  properties.group_threads = device.group_threads;
  properties.group_memory_bytes = device.group_memory_bytes;
  properties.subgroup_threads = device.subgroup_threads;
  properties.half = device.half ? 1 : 0;
  properties.subgroups = device.subgroups ? 1 : 0;
  properties.packed_dot = device.packed_dot ? 1 : 0;
  properties.software = device.is_software ? 1 : 0;
  return properties;
}

}  // namespace

hearth_status number_of(ErrorCode code) {
  static_assert(static_cast<int>(ErrorCode::kWorkerNotSupported) + 1 == HEARTH_WORKER_NOT_SUPPORTED);
  return static_cast<hearth_status>(static_cast<int>(code) + 1);
}

RunnerStruct::RunnerStruct(std::unique_ptr<gpu::Runner> runner)
    : runner_(std::move(runner)), properties_(properties_of(runner_->device())), functions_(table()) {
  functions_.properties = &properties_;
  functions_.user = this;
}

hearth_status RunnerStruct::fail(Error error) {
  message_ = std::move(error.message);
  return number_of(error.code);
}

void RunnerStruct::submit(const hearth_gpu_list& list) {
  list_.commands.clear();
  for (const hearth_gpu_command& command : std::span(list.commands, list.command_count)) {
    const auto& groups = command.groups;
    list_.commands.push_back(
        {command.kernel, {groups[0], groups[1], groups[2]}, command.first_binding, command.binding_count});
  }
  list_.bindings.clear();
  for (const hearth_gpu_binding& binding : std::span(list.bindings, list.binding_count)) {
    list_.bindings.push_back({binding.block, binding.offset, binding.size});
  }
  list_.parameters.assign(list.parameters, list.parameters + list.command_count * HEARTH_GPU_PARAMETER_WORDS);
  list_.data.assign(list.data, list.data + list.data_words);
  runner_->submit(list_);
}

hearth_gpu_kernel_time RunnerStruct::time_of(uint32_t kernel) const {
  const auto name = kernels_.find(kernel);
  if (name == kernels_.end()) return {};
  const std::vector<KernelTime> times = runner_->profile();
  const auto time = std::ranges::find(times, name->second, &KernelTime::kernel);
  if (time == times.end()) return {};
  return {time->calls, time->seconds};
}

hearth_gpu_runner RunnerStruct::table() {
  hearth_gpu_runner table{};
  table.struct_size = sizeof table;
  table.message = [](void* user) { return of(user).message_.c_str(); };
  table.create_block = [](void* user, uint64_t size, uint32_t* block) {
    auto created = of(user).runner_->create_block(size);
    if (!created.ok()) return of(user).fail(std::move(created).error());
    *block = *created;
    return HEARTH_OK;
  };
  table.destroy_block = [](void* user, uint32_t block) { of(user).runner_->destroy_block(block); };
  table.kernel = [](void* user, const char* name, uint32_t* kernel) {
    auto made = of(user).runner_->kernel(name);
    if (!made.ok()) return of(user).fail(std::move(made).error());
    *kernel = *made;
    of(user).kernels_[*made] = name;
    return HEARTH_OK;
  };
  table.write = [](void* user, uint32_t block, uint64_t offset, const void* from, size_t size) {
    of(user).runner_->write(block, offset, {static_cast<const std::byte*>(from), size});
  };
  table.submit = [](void* user, const hearth_gpu_list* list) { of(user).submit(*list); };
  table.begin_read = [](void* user, uint32_t block, uint64_t offset, void* into, size_t size) {
    of(user).runner_->begin_read({block, offset, size}, {static_cast<std::byte*>(into), size});
  };
  table.ready = [](void* user, int* ready) {
    auto is_ready = of(user).runner_->ready();
    if (!is_ready.ok()) return of(user).fail(std::move(is_ready).error());
    *ready = *is_ready ? 1 : 0;
    return HEARTH_OK;
  };
  table.wait = [](void* user) {
    auto done = of(user).runner_->wait();
    return done.ok() ? HEARTH_OK : of(user).fail(std::move(done).error());
  };
  table.begin_profile = [](void* user) { of(user).runner_->begin_profile(); };
  table.kernel_time = [](void* user, uint32_t kernel, hearth_gpu_kernel_time* time) {
    *time = of(user).time_of(kernel);
  };
  return table;
}

}  // namespace hearth
