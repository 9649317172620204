#if defined(__aarch64__)

#include "engine/compute/cpu/simd/f32_neon.h"
// The kernels are written in what the first defines.
#include "engine/compute/cpu/vector/vector_kernels-inl.h"

namespace hearth::cpu {

// They are the same for both sets, which differ in matrix products.
constinit const VectorKernels kNeonDotVectors = table_named("neon_dot");
constinit const VectorKernels kNeonI8mmVectors = table_named("neon_i8mm");

}  // namespace hearth::cpu

#endif
