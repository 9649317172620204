// Matrix products on the CPU: activations times weights in any block type, on the best instruction set there
// is.
//
// Two steps, so that several matrices share the first: the input is prepared once (kept as f32, or quantised
// to 8 bits in blocks, whichever the weight's type multiplies with), then any range of outputs of any matrix
// is computed from it. Each output is summed in one order fixed by the weight type and instruction set: first
// exactly in integers within a block (or superblock), then block after block in f32. Row count, row order and
// ranges change no bit.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/tensor.h"

namespace hearth::cpu {

/// How a weight type wants its input.
enum class InputForm {
  kF32,       // as it is: F32, F16, BF16, and every type without integer kernels
  kInt8x32,   // 8-bit, one scale per 32 elements: types with blocks of 32
  kInt8x256,  // 8-bit, one scale per 256 elements: types with superblocks of 256
};

/// Activations ready for multiplication. Owned by the caller and reused from call to call.
struct PreparedInput {
  InputForm form = InputForm::kF32;
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<std::byte> storage;  // laid out as the kernels of this form want it
};

/// The kernels of one instruction set.
class MatrixKernels {
 public:
  virtual ~MatrixKernels() = default;

  /// "portable", "avx2", "avx512_vnni", "neon_dot".
  virtual std::string_view name() const = 0;

  virtual InputForm input_form(BlockType weight_type) const = 0;
  /// Sizes `input` for x's shape and the form; then prepare_rows may run on disjoint row ranges from several
  /// threads.
  virtual void begin_input(InputForm form, Tensor x, PreparedInput& input) const = 0;
  virtual void prepare_rows(Tensor x, int64_t first_row, int64_t row_count, PreparedInput& input) const = 0;

  /// out[r, first_output + j] for every row r of the input and j in [0, output_count). `out` has weight.rows
  /// columns. `scratch` is this thread's own, grown as needed (a packed panel of the weight). May run on
  /// disjoint output ranges from several threads.
  virtual void multiply(const Weight& weight, const PreparedInput& input, int64_t first_output,
                        int64_t output_count, Tensor out, std::vector<std::byte>& scratch) const = 0;
  /// Output ranges should begin at multiples of this: the rows of a packed panel.
  virtual int64_t output_granule() const = 0;
};

/// The kernels of that name, or with "" the best that this machine runs. Static lifetime. INVALID_ARGUMENT
/// naming those there are when it is unknown or the machine lacks it.
Result<const MatrixKernels*> find_matrix_kernels(std::string_view instruction_set);

}  // namespace hearth::cpu
