#include "engine/compute/cpu/simd/f32_portable.h"
// The kernels are written in what the first defines.
#include "engine/compute/cpu/vector/vector_kernels-inl.h"

namespace hearth::cpu {

constinit const VectorKernels kPortableVectors = table_named("portable");

}  // namespace hearth::cpu
