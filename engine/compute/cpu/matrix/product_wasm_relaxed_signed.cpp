// Matrix products for WebAssembly with relaxed SIMD, on machines with dot products of signed bytes.

// clang-format off
#include "engine/compute/cpu/matrix/integers_wasm_relaxed_signed-inl.h"
#include "engine/compute/cpu/matrix/product_kernels-inl.h"
// clang-format on

namespace hearth::cpu {

const KernelSet kWasmRelaxedSignedKernels = {
    .name = "wasm_relaxed_signed",
    .output_granule = kPanelRows,
    .output_granule_of_few = kPanelRows,
    .scratch_bytes = kScratchBytes,
    .quantize_row = quantize_row,
    .find_product = find_product,
};

}  // namespace hearth::cpu
