// The kernels that this build has for CUDA: PTX, made of those in WGSL (tools/gpu/cuda.ts).
#pragma once

#include <cstdint>
#include <span>

namespace hearth::cuda {

struct KernelImage {
  const char* name;        // "norm/kind=rms", as recorders ask for it
  const char* identifier;  // as PTX has it
  uint32_t threads;        // of a group
  const char* ptx;
};

std::span<const KernelImage> kernel_images();

}  // namespace hearth::cuda
