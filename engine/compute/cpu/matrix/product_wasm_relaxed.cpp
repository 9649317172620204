// Matrix products for WebAssembly with relaxed SIMD, on machines with dot products of bytes.

// clang-format off
#include "engine/compute/cpu/matrix/integers_wasm_relaxed-inl.h"
#include "engine/compute/cpu/matrix/product_kernels-inl.h"
#include "engine/compute/cpu/matrix/quantize_for_dot_wasm-inl.h"
// clang-format on

namespace hearth::cpu {

const KernelSet kWasmRelaxedKernels = {
    .name = "wasm_relaxed",
    .output_granule = kPanelRows,
    .output_granule_of_few = kPanelRows,
    .scratch_bytes = kScratchBytes,
    .quantize_row = quantize_row_for_dot,
    .find_product = find_product,
};

}  // namespace hearth::cpu
