// Matrix products for x86-64 machines with AVX-512 (F, BW, DQ, VL) and VNNI.

// clang-format off
#include "engine/compute/cpu/matrix/integers_avx512_vnni-inl.h"
#include "engine/compute/cpu/matrix/product_kernels-inl.h"
// clang-format on

namespace hearth::cpu {

const KernelSet kAvx512VnniKernels = {
    .name = "avx512_vnni",
    .output_granule = kPanelRows,
    .output_granule_of_few = kPanelRows,
    .scratch_bytes = kScratchBytes,
    .quantize_row = quantize_row,
    .find_product = find_product,
};

}  // namespace hearth::cpu
