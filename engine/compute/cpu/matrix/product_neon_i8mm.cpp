// Matrix products for 64-bit ARM machines with products of 8-bit matrices, which are for many rows of input:
// few rows and floats are multiplied by neon_dot's kernels.

// clang-format off
#define HEARTH_MMLA_GROUPS
#include "engine/compute/cpu/matrix/integers_neon_i8mm-inl.h"
#include "engine/compute/cpu/matrix/product_kernels-inl.h"
// clang-format on

namespace hearth::cpu {

const KernelSet kNeonI8mmKernels = {
    .name = "neon_i8mm",
    .output_granule = kPanelRows,
    .output_granule_of_few = kPanelRows,
    .scratch_bytes = kScratchBytes,
    .quantize_row = quantize_row,
    .find_product = find_product,
};

}  // namespace hearth::cpu
