#include "engine/base/cpu_features.h"

#include <vector>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
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

std::vector<std::string_view> look_up() {
  const unsigned long capabilities = getauxval(AT_HWCAP);
  const unsigned long needed = HWCAP_ASIMDDP | HWCAP_FPHP | HWCAP_ASIMDHP;
  if ((capabilities & needed) == needed) return {"neon_dot", "portable"};
  return {"portable"};
}

#elif defined(__aarch64__) && defined(__APPLE__)

// Every 64-bit Apple processor that macOS 11 or later runs on has both extensions.
std::vector<std::string_view> look_up() { return {"neon_dot", "portable"}; }

#elif defined(__wasm_relaxed_simd__)

// A module that uses what the browser lacks is not loaded at all.
std::vector<std::string_view> look_up() { return {"wasm_relaxed", "portable"}; }

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
