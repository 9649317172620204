// Matrix products on the CPU: activations times weights in any block type, on the best instruction set there
// is.
//
// Two steps, so that several matrices share the first: the input is prepared once (quantised to 8 bits for
// quantised weights, left as f32 for the others), then any range of outputs of any matrix is computed from
// it. Each output is summed in one order fixed by the weight type and instruction set: exactly, in integers,
// within a group of 16 or 32 elements, then group after group in f32. Row count, row order and ranges change
// no bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/tensor.h"

namespace hearth::cpu {

struct KernelSet;

/// How a weight type wants its input.
enum class InputForm {
  kF32,   // as it is: float and integer types
  kInt8,  // 8 bits and one f32 scale per 32 elements: every quantised type
};

/// Activations ready for multiplication. Owned by the caller and reused from call to call.
struct PreparedInput {
  InputForm form = InputForm::kF32;
  Tensor x;                        // what was prepared; in form kF32 the products read it
  std::vector<std::byte> storage;  // form kInt8: see input_chunk.h
};

/// The kernels of one instruction set.
class MatrixKernels {
 public:
  constexpr explicit MatrixKernels(const KernelSet& kernels) : kernels_(kernels) {}

  /// "portable", "avx2", "avx512_vnni", "neon_dot", "neon_i8mm".
  std::string_view name() const;

  InputForm input_form(BlockType weight_type) const;
  /// Sizes `input` for x and the form; then prepare_rows may run on disjoint row ranges from several threads.
  /// x must stay as it is until its products are done. In form kInt8 x.columns is a multiple of 32.
  void begin_input(InputForm form, Tensor x, PreparedInput& input) const;
  void prepare_rows(Tensor x, int64_t first_row, int64_t row_count, PreparedInput& input) const;

  /// out[r, first_output + j] for every row r of the input and j in [0, output_count). `out` has weight.rows
  /// columns, or output_count: then it holds these outputs alone. `scratch` is this thread's own, grown as
  /// needed (a packed panel of the weight). May run on disjoint output ranges from several threads.
  void multiply(const Weight& weight, const PreparedInput& input, int64_t first_output, int64_t output_count,
                Tensor out, std::vector<std::byte>& scratch) const;
  /// Output ranges should begin at multiples of this and be no shorter, with so many rows of input: others
  /// cost time. The rows of a packed panel, or those that few rows of input are multiplied with in one go.
  int64_t output_granule(int64_t rows) const;

 private:
  const KernelSet& kernels_;
};

/// The kernels of that instruction set, or with "" the best that this machine runs. Static lifetime.
/// INVALID_ARGUMENT as choose_instruction_set().
Result<const MatrixKernels*> find_matrix_kernels(std::string_view instruction_set);

}  // namespace hearth::cpu
