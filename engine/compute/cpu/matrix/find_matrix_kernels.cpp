// The matrix kernels of every instruction set, by its name.
#include <algorithm>

#include "engine/compute/cpu/instruction_set.h"
#include "engine/compute/cpu/matrix/kernel_set.h"
#include "engine/compute/cpu/matrix/matrix_product.h"

namespace hearth::cpu {
namespace {

constexpr MatrixKernels kKernels[] = {
#if defined(__x86_64__)
    MatrixKernels(kAvx512VnniKernels), MatrixKernels(kAvx2Kernels),
#elif defined(__aarch64__)
    MatrixKernels(kNeonI8mmKernels), MatrixKernels(kNeonDotKernels),
#elif defined(__wasm_relaxed_simd__)
    MatrixKernels(kWasmRelaxedUnsignedKernels), MatrixKernels(kWasmRelaxedSignedKernels),
    MatrixKernels(kWasmRelaxedPairsKernels),
#elif defined(__wasm_simd128__)
    MatrixKernels(kWasmSimd128Kernels),
#endif
    MatrixKernels(kPortableKernels)};

}  // namespace

Result<const MatrixKernels*> find_matrix_kernels(std::string_view instruction_set) {
  HEARTH_ASSIGN(const std::string_view name, choose_instruction_set(instruction_set));
  return std::ranges::find(kKernels, name, &MatrixKernels::name);
}

}  // namespace hearth::cpu
