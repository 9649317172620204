// Which instruction sets this machine has, and their kernels.
#include <string>

#include "engine/base/cpu_features.h"
#include "engine/compute/cpu/matrix/kernel_set.h"
#include "engine/compute/cpu/matrix/matrix_product.h"

namespace hearth::cpu {
namespace {

constexpr const KernelSet* kKnown[] = {
#if defined(__x86_64__)
    &kAvx512VnniKernels,
    &kAvx2Kernels,
#elif defined(__aarch64__)
    &kNeonDotKernels,
#elif defined(__wasm_relaxed_simd__)
    &kWasmRelaxedKernels,
    &kWasmRelaxedPairsKernels,
#elif defined(__wasm_simd128__)
    &kWasmSimd128Kernels,
#endif
    &kPortableKernels,
};

/// Those that this machine runs, best first.
const std::vector<MatrixKernels>& available_kernels() {
  static const std::vector<MatrixKernels> kernels = [] {
    std::vector<MatrixKernels> available;
    for (const std::string_view name : supported_instruction_sets()) {
      for (const KernelSet* set : kKnown) {
        if (set->name == name) available.emplace_back(*set);
      }
    }
    return available;
  }();
  return kernels;
}

}  // namespace

std::span<const std::string_view> available_instruction_sets() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> result;
    for (const MatrixKernels& kernels : available_kernels()) result.push_back(kernels.name());
    return result;
  }();
  return names;
}

Result<const MatrixKernels*> find_matrix_kernels(std::string_view instruction_set) {
  if (instruction_set.empty()) return &available_kernels().front();
  std::string names;
  for (const MatrixKernels& kernels : available_kernels()) {
    if (kernels.name() == instruction_set) return &kernels;
    names += names.empty() ? "" : ", ";
    names += kernels.name();
  }
  return Error{ErrorCode::kInvalidArgument, "no instruction set \"" + std::string(instruction_set) +
                                                "\" on this machine; there are: " + names};
}

}  // namespace hearth::cpu
