#include <immintrin.h>

#include "bench/roofline/peak.h"
#include "engine/compute/cpu/simd/unroll.h"

namespace hearth::bench {
namespace {

constexpr int kSums = 16;  // as in peak_avx512.cpp

void bf16_512(uint64_t rounds) {
  __m512 sums[kSums] = {};
  __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.5F), _mm512_set1_ps(0.5F));
  __m512bh b = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.25F), _mm512_set1_ps(0.25F));
  asm volatile("" : "+v"(a), "+v"(b));
  for (uint64_t round = 0; round < rounds; ++round) {
    HEARTH_UNROLL for (auto& sum : sums) sum = _mm512_dpbf16_ps(sum, a, b);
    HEARTH_UNROLL for (auto& sum : sums) asm volatile("" : "+v"(sum));
  }
}

}  // namespace

std::vector<PeakLoop> peak_loops_avx512_bf16() { return {{"bf16 512-bit", kSums * 32 * 2.0, bf16_512}}; }

}  // namespace hearth::bench
