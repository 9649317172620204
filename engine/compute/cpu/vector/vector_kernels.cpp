#include "engine/compute/cpu/vector/vector_kernels.h"

#include <algorithm>

#include "engine/compute/cpu/instruction_set.h"

namespace hearth::cpu {
namespace {

constexpr const VectorKernels* kTables[] = {
#if defined(__x86_64__)
    &kAvx512VnniVectors, &kAvx2Vectors,
#elif defined(__aarch64__)
    &kNeonI8mmVectors, &kNeonDotVectors,
#elif defined(__wasm_relaxed_simd__)
    &kWasmRelaxedUnsignedVectors, &kWasmRelaxedSignedVectors, &kWasmRelaxedPairsVectors,
#elif defined(__wasm_simd128__)
    &kWasmSimd128Vectors,
#endif
    &kPortableVectors};

}  // namespace

Result<const VectorKernels*> find_vector_kernels(std::string_view instruction_set) {
  HEARTH_ASSIGN(const std::string_view name, choose_instruction_set(instruction_set));
  return *std::ranges::find(kTables, name, &VectorKernels::name);
}

}  // namespace hearth::cpu
