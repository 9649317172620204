// Matrix products for WebAssembly with plain SIMD.

// clang-format off
#define HEARTH_WIDE_GROUPS
#include "engine/compute/cpu/matrix/integers_wasm_simd128-inl.h"
#include "engine/compute/cpu/matrix/product_kernels-inl.h"
// clang-format on

namespace hearth::cpu {

const KernelSet kWasmSimd128Kernels = {
    .name = "wasm_simd128",
    .output_granule = kPanelRows,
    .output_granule_of_few = kPanelRows,
    .scratch_bytes = kScratchBytes,
    .quantize_row = quantize_row,
    .find_product = find_product,
};

}  // namespace hearth::cpu
