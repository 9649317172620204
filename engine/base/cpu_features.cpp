#include "engine/base/cpu_features.h"

#include <vector>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#elif defined(__wasm_relaxed_simd__)
#include <wasm_simd128.h>
#endif

namespace hearth {
namespace {

#if defined(__x86_64__)

/// CPUID leaf 1, ECX bit 29. `__builtin_cpu_supports` of clang 14 does not know the name.
bool has_f16c() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & (1U << 29)) != 0;
}

std::vector<std::string_view> look_up() {
  __builtin_cpu_init();
  // These answers include whether the operating system saves the wide registers.
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi2") && has_f16c();
  const bool avx512_vnni = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                           __builtin_cpu_supports("avx512vnni");
  std::vector<std::string_view> names;
  if (avx512_vnni) names.emplace_back("avx512_vnni");
  if (avx2) names.emplace_back("avx2");
  names.emplace_back("portable");
  return names;
}

#elif defined(__aarch64__) && defined(__linux__)

/// HWCAP2_I8MM, which the headers of older systems do not have.
constexpr unsigned long kMatrixProducts = 1UL << 13;

std::vector<std::string_view> look_up() {
  const unsigned long capabilities = getauxval(AT_HWCAP);
  const unsigned long needed = HWCAP_ASIMDDP | HWCAP_FPHP | HWCAP_ASIMDHP;
  if ((capabilities & needed) != needed) return {"portable"};
  if ((getauxval(AT_HWCAP2) & kMatrixProducts) == 0) return {"neon_dot", "portable"};
  return {"neon_i8mm", "neon_dot", "portable"};
}

#elif defined(__aarch64__) && defined(__APPLE__)

// Every 64-bit Apple processor that macOS 11 or later runs on has dot products and f16 arithmetic.
std::vector<std::string_view> look_up() {
  int matrix_products = 0;
  size_t bytes = sizeof matrix_products;
  const int error = sysctlbyname("hw.optional.arm.FEAT_I8MM", &matrix_products, &bytes, nullptr, 0);
  if (error != 0 || matrix_products == 0) return {"neon_dot", "portable"};
  return {"neon_i8mm", "neon_dot", "portable"};
}

#elif defined(__wasm_relaxed_simd__)

/// -128 times four bytes with all bits set, by a dot product of signed bytes by bytes of 7 bits. Machines
/// take 8 bits for signed or for unsigned; or they sum pairs of products in 16 bits, which can't hold these.
int32_t multiply_beyond_seven_bits() {
  volatile int8_t lowest = -128;
  volatile int8_t all_bits = -1;
  const v128_t sums = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(
      wasm_i8x16_splat(lowest), wasm_i8x16_splat(all_bits), wasm_i32x4_const_splat(0));
  return wasm_i32x4_extract_lane(sums, 0);
}

// A module that uses what the browser lacks is not loaded at all. What a relaxed operation gives is the same
// as long as the module runs, so one look will do. Pairs keep to 7 bits and run everywhere.
std::vector<std::string_view> look_up() {
  switch (multiply_beyond_seven_bits()) {
    case 4 * -128 * -1:
      return {"wasm_relaxed_signed", "wasm_relaxed_pairs", "portable"};
    case 4 * -128 * 255:
      return {"wasm_relaxed_unsigned", "wasm_relaxed_pairs", "portable"};
    default:
      return {"wasm_relaxed_pairs", "portable"};
  }
}

#elif defined(__wasm_simd128__)

std::vector<std::string_view> look_up() { return {"wasm_simd128", "portable"}; }

#else

std::vector<std::string_view> look_up() { return {"portable"}; }

#endif

}  // namespace

std::span<const std::string_view> supported_instruction_sets() {
  static const std::vector<std::string_view> names = look_up();
  return names;
}

}  // namespace hearth
