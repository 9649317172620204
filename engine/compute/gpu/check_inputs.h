// What operations take by which a GPU's kernels are checked: the same on every device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/random.h"
#include "engine/compute/backend.h"

namespace hearth::gpu {

/// One run of an operation on a device: what it takes, which is the same on every device, and what it gives.
class CheckInputs {
 public:
  /// What any operation takes, which is most for experts: matrices of 2 x 3 x 256 x 256 floats.
  static constexpr uint64_t kBytes = 2 << 20;

  /// `memory`: kBytes of the device's, which operations one after the other may share.
  CheckInputs(Backend& on, Buffer memory) : device(on), memory_(memory) {}

  /// Multiples of 1/64 within 2 of 0, of which the first in each 32 of a row is 127/64: so the 8 bits hold
  /// them that the processor rounds them to.
  Tensor tensor(int64_t rows, int64_t columns);
  Vector vector(int64_t size) { return {tensor(1, size).data, size}; }
  /// Eighths from -1 to 7/8, of which the first in each 32 is -1: any sum of their products is exact.
  Tensor eighths(int64_t rows, int64_t columns);
  Tensor between(float low, float high, int64_t rows, int64_t columns);
  /// Bytes of 0x20 to 0x3B, of which any two are a half from 0.008 to 0.9: the scales of all types, and
  /// numbers of all grids.
  Weight weight(BlockType type, int64_t rows, int64_t columns);
  Buffer zeros(uint64_t bytes) { return filled(std::vector<std::byte>(bytes)); }

  /// The tensor is what the operation gives, or a part of it.
  void gives(Tensor result) { results_.push_back(result); }
  std::span<const Tensor> results() const { return results_; }
  /// Whether the memory was enough.
  bool fitted() const { return taken_ <= kBytes; }

  Backend& device;

 private:
  Buffer filled(std::span<const std::byte> content);

  Buffer memory_;
  uint64_t taken_ = 0;
  RandomStream random_{20261130};
  std::vector<Tensor> results_;
};

}  // namespace hearth::gpu
