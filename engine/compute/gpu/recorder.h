// Puts down the commands of a step, to be submitted together: kernels by their names, and what they work on
// by Buffers, which become windows of blocks here.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/compute/gpu/memory.h"
#include "engine/compute/gpu/runner.h"
#include "engine/compute/gpu/submission_pace.h"
#include "engine/compute/tensor.h"

namespace hearth::gpu {

/// What a kernel reads or writes. Kernels know where it begins in its window: in words of 4 bytes, or in
/// bytes (kernels/README.md).
struct Operand {
  Buffer buffer;       // nowhere: the kernel's has_...() says so
  uint64_t bytes = 0;  // from there on
  bool written = false;
  bool in_bytes = false;  // where it begins is told in bytes
};

inline Operand reads(Tensor x) { return {x.data, x.bytes()}; }
inline Operand reads(Vector x) { return {x.data, static_cast<uint64_t>(x.size) * sizeof(float)}; }
inline Operand reads(const Weight& x) {
  return {x.data, static_cast<uint64_t>(x.rows) * static_cast<uint64_t>(x.row_bytes()), false, true};
}
inline Operand writes(Tensor x) { return {x.data, x.bytes(), true}; }

/// A parameter of a kernel: a word.
struct Parameter {
  uint32_t word;

  // NOLINTBEGIN(google-explicit-constructor)
  Parameter(uint32_t value) : word(value) {}
  Parameter(int32_t value) : word(static_cast<uint32_t>(value)) {}
  Parameter(int64_t value) : word(static_cast<uint32_t>(value)) {}
  Parameter(bool value) : word(value ? 1 : 0) {}
  Parameter(float value) : word(std::bit_cast<uint32_t>(value)) {}
  // NOLINTEND(google-explicit-constructor)
};

/// Of a group of the kernels that go over words one by one.
inline constexpr uint64_t kElementThreads = 256;

/// One dispatch. `kernel` is a name with its options: "norm/kind=rms".
struct Call {
  std::string_view kernel;
  std::span<const Operand> operands;      // in the order of the kernel's text
  std::span<const Parameter> parameters;  // likewise
  std::array<uint64_t, 3> groups{1, 1, 1};
};

class Recorder {
 public:
  explicit Recorder(Runner& runner);

  /// What goes wrong (a kernel that is missing, a dispatch beyond the device's limits) is told by `outcome`.
  void call(const Call& call);
  void call(std::string_view kernel, std::initializer_list<Operand> operands,
            std::initializer_list<Parameter> parameters, std::array<uint64_t, 3> groups) {
    this->call({kernel, operands, parameters, groups});
  }

  /// First of all of an operation with so many multiply-adds, before its data: what was put down so far goes
  /// ahead where both together would take long.
  void make_way_for(int64_t multiply_adds);
  /// The runner has done all that it was handed.
  void done() { pace_.done(SubmissionPace::Clock::now()); }

  /// Puts words where kernels of this step find them (step_data), and gives the index of the first. The same
  /// words twice lie there once.
  uint32_t data(std::span<const uint32_t> words) { return place(std::as_bytes(words)); }
  uint32_t data(std::span<const int32_t> numbers) { return place(std::as_bytes(numbers)); }
  uint32_t data(std::span<const float> numbers) { return place(std::as_bytes(numbers)); }

  /// So many groups, each for `each` of `count` things, in a grid within the device's limits: kernels get the
  /// number of theirs by flat(...).
  std::array<uint64_t, 3> groups_for(uint64_t count, uint64_t each = 1) const;

  /// Bytes of one operand at most: a window begins at a multiple of the binding alignment, before the operand
  /// does.
  uint64_t largest_operand() const;
  /// Of one that begins there: it lies in one block.
  uint64_t largest_operand(Buffer from) const;

  /// Without what is known to be wrong there: forms of kernels are chosen by this.
  const DeviceProperties& device() const { return device_; }
  /// Names of kernels that were called for the first time since this was last asked.
  std::vector<std::string> take_new_kernels() { return std::exchange(new_kernels_, {}); }
  const CommandList& list() const { return list_; }
  /// For an operation that takes the last one into its own.
  void take_back_last();
  /// How many were put down in all, without those that were taken back.
  uint64_t calls() const { return calls_; }
  /// For an operation that cannot be put down.
  void fail(Error error);

  /// Hands all over to the runner, where there is any, and begins anew. After a fault nothing is put down any
  /// more until it was told.
  void submit();
  /// What went wrong since it was last asked.
  Result<void> outcome() { return std::exchange(outcome_, {}); }

 private:
  Result<KernelId> kernel(std::string_view name);
  /// What of a block a dispatch sees, and by all of its operands there.
  Result<Binding> window_of(const Call& call, BlockId block) const;
  /// Appends the bindings of a call, and to its parameters where each operand begins.
  Result<void> bind(const Call& call, std::span<uint32_t> begins);
  uint32_t place(std::span<const std::byte> words);

  Runner& runner_;
  DeviceProperties device_;
  // Used again for step after step, so that what a token takes is not allocated for each.
  CommandList list_;
  uint64_t calls_ = 0;
  std::map<std::string, KernelId, std::less<>> kernels_;
  std::vector<std::string> new_kernels_;
  std::unordered_map<size_t, uint32_t> placed_;  // where words of the step's data begin, by their hash
  SubmissionPace pace_;
  double work_ = 0.0;  // of the list
  Result<void> outcome_;
};

}  // namespace hearth::gpu
