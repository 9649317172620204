#include "bench/roofline/peak.h"

namespace hearth::bench {

std::vector<PeakLoop> peak_loops() {
  std::vector<PeakLoop> loops;
#if defined(__x86_64__)
  const auto append = [&loops](const std::vector<PeakLoop>& more) {
    loops.insert(loops.end(), more.begin(), more.end());
  };
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl")) append(peak_loops_avx512());
  if (__builtin_cpu_supports("avx512bf16")) append(peak_loops_avx512_bf16());
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) append(peak_loops_avx2());
#endif
  return loops;
}

}  // namespace hearth::bench
