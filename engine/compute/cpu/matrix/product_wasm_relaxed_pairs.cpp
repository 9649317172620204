// Matrix products for WebAssembly with relaxed SIMD, on machines without dot products of bytes.

// clang-format off
#define HEARTH_PAIR_GROUPS
#define HEARTH_PAIR_SUMS
#include "engine/compute/cpu/matrix/integers_wasm_relaxed_pairs-inl.h"
#include "engine/compute/cpu/matrix/product_kernels-inl.h"
#include "engine/compute/cpu/matrix/quantize_for_dot_wasm-inl.h"
// clang-format on

namespace hearth::cpu {

const KernelSet kWasmRelaxedPairsKernels = {
    .name = "wasm_relaxed_pairs",
    .output_granule = kPanelRows,
    .output_granule_of_few = kPanelRows,
    .scratch_bytes = kScratchBytes,
    .quantize_row = quantize_row_for_dot,
    .find_product = find_product,
};

}  // namespace hearth::cpu
