// Matrix products for x86-64 machines with AVX-512 (F, BW, DQ, VL) and VNNI.

// Each of these builds on those before it.
// clang-format off
#include "engine/compute/cpu/matrix/kernel_set.h"
#include "engine/compute/cpu/matrix/vectors_avx512_vnni-inl.h"
#include "engine/compute/cpu/matrix/unpack-inl.h"
#include "engine/compute/cpu/matrix/integer_product-inl.h"
#include "engine/compute/cpu/matrix/float_product-inl.h"
#include "engine/compute/cpu/matrix/find_product-inl.h"
#include "engine/compute/cpu/matrix/quantize_input-inl.h"
// clang-format on

namespace hearth::cpu {

const KernelSet kAvx512VnniKernels = {
    .name = "avx512_vnni",
    .output_granule = kPanelRows,
    .scratch_bytes = kScratchBytes,
    .quantize_row = quantize_row,
    .find_product = find_product,
};

}  // namespace hearth::cpu
