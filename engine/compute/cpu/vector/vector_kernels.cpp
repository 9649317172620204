#include "engine/compute/cpu/vector/vector_kernels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/cpu_features.h"

namespace hearth::cpu {

namespace {

constexpr const VectorKernels* kTables[] = {
#if defined(__x86_64__)
    &kAvx512VnniVectors, &kAvx2Vectors,
#elif defined(__aarch64__)
    &kNeonDotVectors,
#elif defined(__wasm_relaxed_simd__)
    &kWasmRelaxedVectors, &kWasmRelaxedPairsVectors,
#elif defined(__wasm_simd128__)
    &kWasmSimd128Vectors,
#endif
    &kPortableVectors};

}  // namespace

Result<const VectorKernels*> find_vector_kernels(std::string_view instruction_set) {
  const auto supported = supported_instruction_sets();
  const std::string_view wanted = instruction_set.empty() ? supported.front() : instruction_set;
  if (std::ranges::find(supported, wanted) != supported.end()) {
    for (const VectorKernels* table : kTables) {
      if (table->name == wanted) return table;
    }
  }
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("no kernels for instruction set '{}' on this machine; it has {}", wanted,
                           fmt::join(supported, ", "))};
}

}  // namespace hearth::cpu
