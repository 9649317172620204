#include "engine/compute/cuda/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "engine/compute/cuda/kernels.h"

namespace hearth::cuda {
namespace {

/// What the kernels' PTX is for (tools/gpu/cuda.ts).
constexpr int kLeastCapability = 80;

/// Room for a step's data at first: positions and pages of a few sequences.
constexpr size_t kLeastDataWords = 16 * 1024;

}  // namespace

Result<std::unique_ptr<gpu::Runner>> CudaRunner::make(const Driver& driver) {
  int count = 0;
  DeviceNumber device = 0;
  Status status = driver.cuInit(0);
  if (status == kSuccess) status = driver.cuDeviceGetCount(&count);
  if (status == kSuccess && count > 0) status = driver.cuDeviceGet(&device, 0);
  if (status != kSuccess || count == 0) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("CUDA's driver has no device ({}); choose the device 'gpu' or 'cpu'",
                             status == kSuccess ? "it counts none" : driver.name_of(status))};
  }
  std::unique_ptr<CudaRunner> runner(new CudaRunner(driver, device));
  HEARTH_TRY(runner->open());
  return std::unique_ptr<gpu::Runner>(std::move(runner));
}

Result<void> CudaRunner::open() {
  note(driver_.cuCtxCreate_v2(&context_, 0, number_));
  if (status_ == kSuccess) note(driver_.cuStreamCreate(&stream_, kStreamNonBlocking));
  if (status_ == kOutOfMemory) return fault();
  if (status_ != kSuccess) {
    // Another program may have it for itself, or its driver not be ready.
    return Error{ErrorCode::kUnsupported,
                 fmt::format("CUDA's driver does not open its device ({}); choose the device 'gpu' or 'cpu'",
                             driver_.name_of(status_))};
  }
  staging_ = std::make_unique<Staging>(driver_, stream_);
  launches_ = std::make_unique<Launches>(driver_, stream_);
  return find_properties();
}

/// Gives back all there is of the device, which is opened anew only beside what is left of it.
void CudaRunner::close() {
  if (context_ == nullptr) return;
  enter();
  if (stream_ != nullptr) driver_.cuStreamSynchronize(stream_);
  launches_.reset();
  staging_.reset();
  clock_.reset();
  for (const DevicePointer memory : unused_) driver_.cuMemFree_v2(memory);
  for (const auto& [block, memory] : blocks_) driver_.cuMemFree_v2(memory);
  if (data_ != 0) driver_.cuMemFree_v2(data_);
  for (const LoadedKernel& kernel : kernels_) driver_.cuModuleUnload(kernel.module);
  if (stream_ != nullptr) driver_.cuStreamDestroy_v2(stream_);
  driver_.cuCtxDestroy_v2(std::exchange(context_, nullptr));
}

Result<void> CudaRunner::find_properties() {
  std::array<char, 256> name{};
  int version = 0;
  int major = 0;
  int minor = 0;
  size_t free_bytes = 0;
  size_t bytes = 0;
  note(driver_.cuDeviceGetName(name.data(), static_cast<int>(name.size()) - 1, number_));
  note(driver_.cuDriverGetVersion(&version));
  note(driver_.cuDeviceGetAttribute(&major, kCapabilityMajor, number_));
  note(driver_.cuDeviceGetAttribute(&minor, kCapabilityMinor, number_));
  note(driver_.cuMemGetInfo_v2(&free_bytes, &bytes));
  if (status_ != kSuccess) return fault();
  if (major * 10 + minor < kLeastCapability) {
    return Error{
        ErrorCode::kUnsupported,
        fmt::format("{} has compute capability {}.{}, and Hearth's kernels for CUDA need 8.0; choose the "
                    "device 'gpu' or 'cpu'",
                    name.data(), major, minor)};
  }
  properties_ = {.name = fmt::format("{}, CUDA", name.data()),
                 .driver = fmt::format("CUDA {}.{}, sm_{}{}, kernels {}", version / 1000, version % 1000 / 10,
                                       major, minor, packed_kernels().hash),
                 .memory_bytes = free_bytes,  // what other programs and models leave
                 .block_bytes = bytes,
                 .binding_bytes = bytes,
                 .storage_bindings = 64,
                 .group_memory_bytes = 48 << 10,
                 .subgroups = true,
                 .packed_dot = true,
                 .subgroup_threads = 32};
  return {};
}

CudaRunner::~CudaRunner() { close(); }

void CudaRunner::note(Status status) {
  if (status_ == kSuccess) status_ = status;
}

/// What went wrong. Nothing is left of a device then, so that it can be opened anew while this one is there.
Error CudaRunner::fault() {
  close();
  if (status_ == kOutOfMemory) {
    return {ErrorCode::kOutOfMemory, fmt::format("{} has too little memory left", properties_.name)};
  }
  return {ErrorCode::kDeviceLost,
          fmt::format("{} does not go on ({})", properties_.name, driver_.name_of(status_))};
}

Result<gpu::BlockId> CudaRunner::create_block(uint64_t bytes) {
  if (status_ != kSuccess) return fault();
  enter();
  DevicePointer memory = 0;
  Status status = driver_.cuMemAlloc_v2(&memory, bytes);
  if (status == kOutOfMemory && !unused_.empty()) {
    HEARTH_TRY(wait());
    status = driver_.cuMemAlloc_v2(&memory, bytes);
  }
  if (status == kOutOfMemory) {
    return Error{ErrorCode::kOutOfMemory,
                 fmt::format("{} has no {} bytes of memory left", properties_.name, bytes)};
  }
  note(status);
  if (status_ != kSuccess) return fault();
  blocks_[++last_block_] = memory;
  return last_block_;
}

void CudaRunner::destroy_block(gpu::BlockId block) {
  const auto found = blocks_.find(block);
  if (found == blocks_.end()) return;
  unused_.push_back(found->second);
  blocks_.erase(found);
}

Result<gpu::KernelId> CudaRunner::kernel(std::string_view name) {
  const auto places = packed_kernels().places;
  const auto place = std::ranges::find(places, name, &KernelPlace::name);
  if (place == places.end()) {
    return Error{ErrorCode::kUnsupported, fmt::format("there is no kernel '{}' for CUDA", name)};
  }
  if (status_ != kSuccess) return fault();
  enter();
  LoadedKernel kernel{.name = place->name, .threads = place->threads};
  std::array<char, 1024> log{};
  std::array options{kErrorLog, kErrorLogBytes};
  std::array<void*, options.size()> values{log.data(), reinterpret_cast<void*>(log.size() - 1)};
  Status status = driver_.cuModuleLoadDataEx(&kernel.module, ptx_of(*place), options.size(), options.data(),
                                             values.data());
  if (status == kSuccess) {
    status = driver_.cuModuleGetFunction(&kernel.function, kernel.module, place->identifier);
  }
  if (status != kSuccess) {
    if (kernel.module != nullptr) driver_.cuModuleUnload(kernel.module);
    return Error{ErrorCode::kUnsupported,
                 fmt::format("CUDA's driver refuses the kernel '{}' ({}{}{})", name, driver_.name_of(status),
                             log[0] == 0 ? "" : ": ", log.data())};
  }
  kernels_.push_back(kernel);
  return static_cast<gpu::KernelId>(kernels_.size());
}

void CudaRunner::write(gpu::BlockId to, uint64_t offset, std::span<const std::byte> bytes) {
  if (status_ != kSuccess) return;
  enter();
  note(staging_->write(blocks_.at(to) + offset, bytes));
}

/// Makes `data_` large enough.
bool CudaRunner::has_room_for(size_t data_words) {
  if (data_words <= data_words_) return true;
  if (data_ != 0) unused_.push_back(data_);
  launches_->forget();
  data_words_ = std::max(kLeastDataWords, std::bit_ceil(data_words));
  const Status status = driver_.cuMemAlloc_v2(&data_, data_words_ * sizeof(uint32_t));
  note(status);
  return status == kSuccess;
}

void CudaRunner::submit(const gpu::CommandList& list) {
  if (status_ != kSuccess) return;
  enter();
  if (!has_room_for(std::max<size_t>(list.data.size(), 1))) return;
  note(staging_->write(data_, std::as_bytes(std::span(list.data))));
  const DeviceView view{
      [this](gpu::KernelId kernel) -> const LoadedKernel& { return kernels_[kernel - 1]; },
      [this](gpu::BlockId block) { return block == 0 ? DevicePointer{0} : blocks_.at(block); }, data_};
  if (status_ != kSuccess) return;
  note(clock_ ? launches_->launch_by(*clock_, list, view) : launches_->launch(list, view));
}

void CudaRunner::begin_read(const gpu::Binding& from, std::span<std::byte> into) {
  if (status_ != kSuccess) return;
  enter();
  note(staging_->begin_read(blocks_.at(from.block) + from.offset, into));
}

void CudaRunner::finish() {
  staging_->finish_reads();
  if (clock_) clock_->count();
  for (const DevicePointer memory : unused_) note(driver_.cuMemFree_v2(memory));
  unused_.clear();
}

Result<bool> CudaRunner::ready() {
  if (status_ != kSuccess) return fault();
  enter();
  const Status status = driver_.cuStreamQuery(stream_);
  if (status == kNotReady) return false;
  note(status);
  if (status_ != kSuccess) return fault();
  finish();
  return true;
}

Result<void> CudaRunner::wait() {
  if (status_ != kSuccess) return fault();
  enter();
  note(driver_.cuStreamSynchronize(stream_));
  if (status_ != kSuccess) return fault();
  finish();
  return {};
}

void CudaRunner::begin_profile() {
  if (status_ != kSuccess) return;
  clock_ = std::make_unique<Clock>(driver_, stream_);
}

std::vector<KernelTime> CudaRunner::profile() const {
  return clock_ ? clock_->times() : std::vector<KernelTime>{};
}

}  // namespace hearth::cuda
