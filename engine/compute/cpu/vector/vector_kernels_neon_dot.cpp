#if defined(__aarch64__)

#include "engine/compute/cpu/simd/f32_neon.h"
// The kernels are written in what the first defines.
#include "engine/compute/cpu/vector/vector_kernels-inl.h"

namespace hearth::cpu {

constinit const VectorKernels kNeonDotVectors = table_named("neon_dot");

}  // namespace hearth::cpu

#endif
