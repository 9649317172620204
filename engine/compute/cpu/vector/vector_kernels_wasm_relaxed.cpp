#include "engine/compute/cpu/vector/simd_wasm.h"
// The kernels are written in what the first defines.
#include "engine/compute/cpu/vector/vector_kernels-inl.h"

namespace hearth::cpu {

extern const VectorKernels kWasmRelaxedVectors;
constinit const VectorKernels kWasmRelaxedVectors = table_named("wasm_relaxed");

}  // namespace hearth::cpu
