#include <immintrin.h>

#include "bench/roofline/peak.h"
#include "engine/compute/cpu/simd/unroll.h"

namespace hearth::bench {
namespace {

constexpr int kSums = 12;  // ten keep two units of latency 5 busy; 16 registers hold 12 and the two factors

void float_256(uint64_t rounds) {
  __m256 sums[kSums] = {};
  __m256 a = _mm256_set1_ps(0.5F);
  __m256 b = _mm256_set1_ps(0.25F);
  asm volatile("" : "+x"(a), "+x"(b));
  for (uint64_t round = 0; round < rounds; ++round) {
    HEARTH_UNROLL for (auto& sum : sums) sum = _mm256_fmadd_ps(a, b, sum);
    HEARTH_UNROLL for (auto& sum : sums) asm volatile("" : "+x"(sum));
  }
}

// Without a dot product instruction, 8-bit products take vpmaddubsw (to 16 bits), vpmaddwd (to 32) and an
// add.
void int8_256(uint64_t rounds) {
  __m256i sums[kSums] = {};
  __m256i a = _mm256_set1_epi8(3);
  const __m256i b = _mm256_set1_epi8(1);
  const __m256i ones = _mm256_set1_epi16(1);
  for (uint64_t round = 0; round < rounds; ++round) {
    HEARTH_UNROLL for (auto& sum : sums) {
      asm volatile("" : "+x"(a));  // or one product would do for all sums
      const __m256i products = _mm256_maddubs_epi16(a, b);
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(products, ones));
    }
    HEARTH_UNROLL for (auto& sum : sums) asm volatile("" : "+x"(sum));
  }
}

}  // namespace

std::vector<PeakLoop> peak_loops_avx2() {
  return {{"f32 256-bit", kSums * 8 * 2.0, float_256}, {"int8 256-bit, no VNNI", kSums * 32 * 2.0, int8_256}};
}

}  // namespace hearth::bench
