// Matrix products for 64-bit ARM machines with the dot product extension.

// clang-format off
#define HEARTH_LANE_GROUPS
#include "engine/compute/cpu/matrix/integers_neon_dot-inl.h"
#include "engine/compute/cpu/matrix/product_kernels-inl.h"
// clang-format on

namespace hearth::cpu {

const KernelSet kNeonDotKernels = {
    .name = "neon_dot",
    .output_granule = kPanelRows,
    .output_granule_of_few = kPanelRows,
    .scratch_bytes = kScratchBytes,
    .quantize_row = quantize_row,
    .find_product = find_product,
};

}  // namespace hearth::cpu
