// Matrix products for x86-64 machines with AVX2, FMA and F16C.

// clang-format off
#define HEARTH_PAIR_GROUPS
#define HEARTH_PIECES
#include "engine/compute/cpu/matrix/integers_avx2-inl.h"
#include "engine/compute/cpu/matrix/product_kernels-inl.h"
// clang-format on

namespace hearth::cpu {

const KernelSet kAvx2Kernels = {
    .name = "avx2",
    .output_granule = kPanelRows,
    .output_granule_of_few = kOutputsOfFew,
    .scratch_bytes = kScratchBytes,
    .quantize_row = quantize_row,
    .find_product = find_product,
};

}  // namespace hearth::cpu
