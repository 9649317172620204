#include "engine/compute/cuda/kernels.h"

#include <vector>

#include "engine/compute/gpu/packed.h"

namespace hearth::cuda {

const char* ptx_of(const KernelPlace& kernel) {
  static const std::vector<uint8_t> all = gpu::unpack(packed_kernels().packed);
  return reinterpret_cast<const char*>(all.data() + kernel.first);
}

}  // namespace hearth::cuda
