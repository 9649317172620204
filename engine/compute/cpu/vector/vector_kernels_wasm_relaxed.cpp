#include "engine/compute/cpu/simd/f32_wasm.h"
// The kernels are written in what the first defines.
#include "engine/compute/cpu/vector/vector_kernels-inl.h"

namespace hearth::cpu {

// They are the same for all sets, which differ in dot products.
constinit const VectorKernels kWasmRelaxedUnsignedVectors = table_named("wasm_relaxed_unsigned");
constinit const VectorKernels kWasmRelaxedSignedVectors = table_named("wasm_relaxed_signed");
constinit const VectorKernels kWasmRelaxedPairsVectors = table_named("wasm_relaxed_pairs");

}  // namespace hearth::cpu
