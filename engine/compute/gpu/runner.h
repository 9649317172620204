// What computes lists of commands on a GPU: Vulkan, or WebGPU by way of JavaScript. A runner owns blocks of
// the device's memory and knows kernels by name; what an operation is made of is the recorder's affair.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/kernel_time.h"

namespace hearth::gpu {

/// A block of a device's memory, by number; 0 is none.
using BlockId = uint32_t;
/// A kernel that a runner has made, by number.
using KernelId = uint32_t;

/// What a device has, as WebGPU names it.
struct DeviceProperties {
  std::string name;    // "NVIDIA H200"
  std::string driver;  // with its version and its kernels' hash: self-checks are kept by it; empty: trusted
  bool is_software = false;            // a driver that computes on the processor
  uint64_t memory_bytes = 0;           // for blocks; 0: not known
  uint64_t block_bytes = 256 << 20;    // of the largest block
  uint64_t binding_bytes = 128 << 20;  // that a kernel sees of a block at most
  uint32_t binding_alignment = 256;    // of where that begins
  uint32_t storage_bindings = 8;       // blocks that a kernel sees at most, the step's data included
  uint32_t groups = 65535;             // of one dimension of a dispatch
  uint32_t group_threads = 256;
  uint32_t group_memory_bytes = 16384;
  bool half = false;              // f16 in kernels
  bool subgroups = false;         // sums of subgroups
  bool packed_dot = false;        // dot4I8Packed
  uint32_t subgroup_threads = 0;  // where all subgroups have as many; 0: they differ
};

/// A window of a block.
struct Binding {
  BlockId block = 0;
  uint64_t offset = 0;  // a multiple of the binding alignment
  uint64_t bytes = 0;   // a multiple of 4

  bool operator==(const Binding&) const = default;
};

/// A kernel at work: so many groups of threads, on so many windows of the list's, which are the bindings of
/// group 1. One of block 0 is nowhere; something must be bound all the same.
struct Command {
  KernelId kernel = 0;
  std::array<uint32_t, 3> groups{1, 1, 1};
  uint32_t first_binding = 0;
  uint32_t binding_count = 0;

  bool operator==(const Command&) const = default;
};

/// What is computed with one submission, one command behind the other: each sees what those before it wrote.
struct CommandList {
  /// What a kernel sees of the parameters: those of command n begin at n times as many bytes.
  static constexpr uint32_t kParameterBytes = 256;

  std::vector<Command> commands;
  std::vector<Binding> bindings;
  std::vector<uint32_t> parameters;  // of each command: binding 0 of group 0
  std::vector<uint32_t> data;        // of the step (tokens, positions, pages): binding 1 of group 0 for all

  bool empty() const { return commands.empty(); }
  /// Keeps the room that it had.
  void clear() {
    commands.clear();
    bindings.clear();
    parameters.clear();
    data.clear();
  }
};

class Runner {
 public:
  Runner() = default;
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  virtual ~Runner() = default;

  virtual const DeviceProperties& device() const = 0;

  /// A block of undefined content. OUT_OF_MEMORY; where the device tells it later only, `ready` does.
  virtual Result<BlockId> create_block(uint64_t bytes) = 0;
  /// When all that was submitted so far is done.
  virtual void destroy_block(BlockId block) = 0;

  /// The kernel of a name such as "norm/kind=rms" (kernels/README.md), made before the first list that has it
  /// is done. UNSUPPORTED where there is none or the driver refuses it, which `ready` may be what tells.
  virtual Result<KernelId> kernel(std::string_view name) = 0;

  /// Offsets and sizes are multiples of 4. Behind all that was submitted so far.
  virtual void write(BlockId to, uint64_t offset, std::span<const std::byte> bytes) = 0;
  virtual void submit(const CommandList& list) = 0;
  /// Likewise; `into` must stay until the runner is ready, or has said what went wrong.
  virtual void begin_read(const Binding& from, std::span<std::byte> into) = 0;

  /// Whether all that was asked for is done; never waits for it. DEVICE_LOST; OUT_OF_MEMORY.
  virtual Result<bool> ready() = 0;
  virtual Result<void> wait() = 0;

  /// From now on each command's time is taken, which may make lists slower.
  virtual void begin_profile() {}
  /// Of all lists since then that are done, the longest kernel first; empty where the device has no clock.
  virtual std::vector<KernelTime> profile() const { return {}; }
};

/// How a caller brings a GPU, also once more where it was lost: empty where none does.
using MakeRunner = std::function<Result<std::unique_ptr<Runner>>()>;

}  // namespace hearth::gpu
