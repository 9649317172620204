// Which instruction sets this machine has, and their kernels.
#include <array>
#include <string>

#include "engine/compute/cpu/matrix/kernel_set.h"
#include "engine/compute/cpu/matrix/matrix_product.h"

namespace hearth::cpu {
namespace {

struct InstructionSet {
  const KernelSet& kernels;
  bool available;
};

#if defined(__x86_64__)
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") &&
         __builtin_cpu_supports("bmi2");
}

bool has_avx512_vnni() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni");
}
#endif

std::vector<InstructionSet> known_instruction_sets() {
  return {
#if defined(__x86_64__)
    {kAvx512VnniKernels, has_avx512_vnni()},
#endif
        {kPortableKernels, true},
  };
}

/// Those that this machine has, best first.
const std::vector<MatrixKernels>& available_kernels() {
  static const std::vector<MatrixKernels> kernels = [] {
    std::vector<MatrixKernels> available;
    for (const InstructionSet& set : known_instruction_sets()) {
      if (set.available) available.emplace_back(set.kernels);
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
