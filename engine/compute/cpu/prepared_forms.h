// One input of matrix products, in every form that some of its weights want it.
#pragma once

#include <array>
#include <span>

#include "engine/compute/cpu/matrix/matrix_product.h"

namespace hearth::cpu {

/// Keeps its memory from input to input.
class PreparedForms {
 public:
  explicit PreparedForms(const MatrixKernels& kernels) : kernels_(&kernels) {}

  /// Takes a new input; then prepare_rows may run on disjoint row ranges from several threads.
  void begin(Tensor x, std::span<const BlockType> weight_types);
  void prepare_rows(Tensor x, int64_t first_row, int64_t row_count);

  const PreparedInput& for_weight(BlockType type) const { return inputs_[index_of(type)]; }

 private:
  size_t index_of(BlockType type) const { return static_cast<size_t>(kernels_->input_form(type)); }

  const MatrixKernels* kernels_;
  std::array<PreparedInput, 2> inputs_;  // by InputForm
  std::array<bool, 2> is_wanted_{};
};

}  // namespace hearth::cpu
