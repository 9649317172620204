#include "engine/compute/cpu/simd/f32_wasm.h"
// The kernels are written in what the first defines.
#include "engine/compute/cpu/vector/vector_kernels-inl.h"

namespace hearth::cpu {

constinit const VectorKernels kWasmSimd128Vectors = table_named("wasm_simd128");

}  // namespace hearth::cpu
