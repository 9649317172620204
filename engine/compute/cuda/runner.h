// Lists of commands by way of CUDA: the kernels of gpu/kernels as PTX, each made ready by the driver when it
// is first asked for.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/compute/cuda/clock.h"
#include "engine/compute/cuda/driver.h"
#include "engine/compute/cuda/launches.h"
#include "engine/compute/cuda/staging.h"
#include "engine/compute/gpu/runner.h"

namespace hearth::cuda {

class CudaRunner final : public gpu::Runner {
 public:
  /// The driver's first device, in a context of its own: what goes wrong in one leaves others as they are.
  /// UNSUPPORTED where there is none that can be opened and has compute capability 8.0; OUT_OF_MEMORY.
  static Result<std::unique_ptr<gpu::Runner>> make(const Driver& driver);
  ~CudaRunner() override;

  const gpu::DeviceProperties& device() const override { return properties_; }
  Result<gpu::BlockId> create_block(uint64_t bytes) override;
  void destroy_block(gpu::BlockId block) override;
  Result<gpu::KernelId> kernel(std::string_view name) override;
  void write(gpu::BlockId to, uint64_t offset, std::span<const std::byte> bytes) override;
  void submit(const gpu::CommandList& list) override;
  void begin_read(const gpu::Binding& from, std::span<std::byte> into) override;
  Result<bool> ready() override;
  Result<void> wait() override;
  void begin_profile() override;
  std::vector<KernelTime> profile() const override;

 private:
  CudaRunner(const Driver& driver, DeviceNumber device) : driver_(driver), number_(device) {}
  Result<void> open();
  void close();
  Result<void> find_properties();
  void enter() const { driver_.cuCtxSetCurrent(context_); }
  bool has_room_for(size_t data_words);
  void finish();
  void note(Status status);
  Error fault();

  Driver driver_;
  DeviceNumber number_;
  Context context_ = nullptr;
  Stream stream_ = nullptr;
  gpu::DeviceProperties properties_;
  std::unique_ptr<Staging> staging_;
  std::unique_ptr<Launches> launches_;
  std::unique_ptr<Clock> clock_;  // where it is profiled
  std::map<gpu::BlockId, DevicePointer> blocks_;
  gpu::BlockId last_block_ = 0;
  std::vector<DevicePointer> unused_;  // to be given back when the stream is done
  std::vector<LoadedKernel> kernels_;  // by number, from 1 on
  DevicePointer data_ = 0;             // of the step
  size_t data_words_ = 0;              // that it has room for
  Status status_ = kSuccess;           // the first that was none
};

}  // namespace hearth::cuda
