#include <immintrin.h>

#include "bench/roofline/peak.h"
#include "engine/compute/cpu/simd/unroll.h"

namespace hearth::bench {
namespace {

// An operation takes 4 or 5 cycles and two start per cycle at most, so ten independent sums keep both units
// busy; 16 leave a margin and still fit the 32 registers.
constexpr int kSums = 16;

/// Keeps the compiler from seeing through a value.
template <typename T>
void keep(T& value) {
  asm volatile("" : "+v"(value));
}

void int8_512(uint64_t rounds) {
  __m512i sums[kSums] = {};
  __m512i a = _mm512_set1_epi8(3);
  __m512i b = _mm512_set1_epi8(1);
  keep(a);
  keep(b);
  for (uint64_t round = 0; round < rounds; ++round) {
    HEARTH_UNROLL for (auto& sum : sums) sum = _mm512_dpbusd_epi32(sum, a, b);
    HEARTH_UNROLL for (auto& sum : sums) keep(sum);
  }
}

void int8_256(uint64_t rounds) {
  __m256i sums[kSums] = {};
  __m256i a = _mm256_set1_epi8(3);
  __m256i b = _mm256_set1_epi8(1);
  keep(a);
  keep(b);
  for (uint64_t round = 0; round < rounds; ++round) {
    HEARTH_UNROLL for (auto& sum : sums) sum = _mm256_dpbusd_epi32(sum, a, b);
    HEARTH_UNROLL for (auto& sum : sums) keep(sum);
  }
}

void float_512(uint64_t rounds) {
  __m512 sums[kSums] = {};
  __m512 a = _mm512_set1_ps(0.5F);
  __m512 b = _mm512_set1_ps(0.25F);
  keep(a);
  keep(b);
  for (uint64_t round = 0; round < rounds; ++round) {
    HEARTH_UNROLL for (auto& sum : sums) sum = _mm512_fmadd_ps(a, b, sum);
    HEARTH_UNROLL for (auto& sum : sums) keep(sum);
  }
}

}  // namespace

std::vector<PeakLoop> peak_loops_avx512() {
  return {{"int8 512-bit", kSums * 64 * 2.0, int8_512},
          {"int8 256-bit", kSums * 32 * 2.0, int8_256},
          {"f32 512-bit", kSums * 16 * 2.0, float_512}};
}

}  // namespace hearth::bench
