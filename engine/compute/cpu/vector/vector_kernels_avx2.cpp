#if defined(__x86_64__)

#include "engine/compute/cpu/simd/f32_avx2.h"
// The kernels are written in what the first defines.
#include "engine/compute/cpu/vector/vector_kernels-inl.h"

namespace hearth::cpu {

constinit const VectorKernels kAvx2Vectors = table_named("avx2");

}  // namespace hearth::cpu

#endif
