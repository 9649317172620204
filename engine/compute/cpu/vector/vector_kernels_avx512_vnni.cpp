#if defined(__x86_64__)

#include "engine/compute/cpu/simd/f32_avx512.h"
// The kernels are written in what the first defines.
#include "engine/compute/cpu/vector/vector_kernels-inl.h"

namespace hearth::cpu {

constinit const VectorKernels kAvx512VnniVectors = table_named("avx512_vnni");

}  // namespace hearth::cpu

#endif
