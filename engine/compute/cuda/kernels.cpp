#include "engine/compute/cuda/kernels.h"

// Compilers must take strings of 65,536 characters; ours take longer ones.
#pragma GCC diagnostic ignored "-Woverlength-strings"

namespace hearth::cuda {
namespace {

constexpr KernelImage kImages[] = {
#include "cuda_kernels.inc"
};

}  // namespace

std::span<const KernelImage> kernel_images() { return kImages; }

}  // namespace hearth::cuda
