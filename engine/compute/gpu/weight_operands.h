// Weights as operands of kernels: what kernels cannot take as it lies is copied first, and the IQ types come
// with their codebook.
#pragma once

#include <span>
#include <vector>

#include "engine/compute/backend.h"
#include "engine/compute/gpu/recorder.h"

namespace hearth::gpu {

class WeightOperands {
 public:
  /// `memory` is whose recorder it is.
  WeightOperands(Backend& memory, Recorder& recorder) : memory_(memory), recorder_(recorder) {}

  /// The codebook, for kernels on a type that needs it; nowhere for others.
  Operand grid(BlockType type);

  /// The weight, or a copy that begins where kernels can take it and is of a type that they multiply. No file
  /// is such that it would be copied; what is handed in by a caller may be.
  Weight prepare(const Weight& weight);
  /// Rows of a table go to rows of out, times the scale: so many pairs of the numbers of both.
  void embed(const Weight& table, std::span<const uint32_t> pairs, float scale, Tensor out);

  bool has_copies() const { return !copies_.empty(); }
  /// Gives back all copies; to be called when what reads them is put down.
  void release_copies();

 private:
  Weight aligned(const Weight& weight);
  Weight decoded(const Weight& weight);
  /// Nowhere where there is no memory, which the recorder tells.
  Buffer allocate(uint64_t bytes);

  Backend& memory_;
  Recorder& recorder_;
  Buffer codebook_;
  uint64_t codebook_bytes_ = 0;
  std::vector<Buffer> copies_;
};

}  // namespace hearth::gpu
