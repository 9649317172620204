// F32: sixteen floats in an AVX-512 register. What each function does: f32_portable.h.
#pragma once

// GCC 12 warns that its own headers leave a register undefined, as they mean to (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include <cstdint>

namespace hearth::cpu {
namespace {

struct F32 {
  static constexpr int64_t kWidth = 16;
  __m512 lanes;
};
using Ints = __m512i;

// 6 x 4 accumulators, four vectors of B and one broadcast are 29 of 32 registers, and four vectors are the 64
// keys of a page.
constexpr int kTileRows = 6;
constexpr int kTileVectors = 4;

inline F32 zero() { return {_mm512_setzero_ps()}; }
inline F32 broadcast(float value) { return {_mm512_set1_ps(value)}; }

inline __mmask16 first_lanes(int64_t count) { return static_cast<__mmask16>((1U << count) - 1U); }
inline F32 load(const float* from) { return {_mm512_loadu_ps(from)}; }
inline F32 load_partial(const float* from, int64_t count) {
  return {_mm512_maskz_loadu_ps(first_lanes(count), from)};
}
inline void store(float* to, F32 x) { _mm512_storeu_ps(to, x.lanes); }
inline void store_partial(float* to, F32 x, int64_t count) {
  _mm512_mask_storeu_ps(to, first_lanes(count), x.lanes);
}

inline F32 load(const uint16_t* from) {
  return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)))};
}
inline F32 load_partial(const uint16_t* from, int64_t count) {
  return {_mm512_cvtph_ps(_mm256_maskz_loadu_epi16(first_lanes(count), from))};
}
inline F32 broadcast_half(const uint16_t* from) {
  return {_mm512_cvtph_ps(_mm256_set1_epi16(static_cast<int16_t>(*from)))};
}
inline F32 load_bf16(const uint16_t* from) {
  const __m256i stored = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(stored), 16))};
}

inline void store_f16(uint16_t* to, F32 x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtps_ph(x.lanes, _MM_FROUND_TO_NEAREST_INT));
}
inline void store_f16_partial(uint16_t* to, F32 x, int64_t count) {
  _mm256_mask_storeu_epi16(to, first_lanes(count), _mm512_cvtps_ph(x.lanes, _MM_FROUND_TO_NEAREST_INT));
}

inline F32 load(const int8_t* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes))};
}
inline Ints widen_bytes(const uint8_t* from) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
inline F32 load_low_nibbles(const uint8_t* from) {
  return {_mm512_cvtepi32_ps(_mm512_and_si512(widen_bytes(from), _mm512_set1_epi32(15)))};
}
inline F32 load_high_nibbles(const uint8_t* from) {
  return {_mm512_cvtepi32_ps(_mm512_srli_epi32(widen_bytes(from), 4))};
}

inline F32 operator+(F32 a, F32 b) { return {_mm512_add_ps(a.lanes, b.lanes)}; }
inline F32 operator-(F32 a, F32 b) { return {_mm512_sub_ps(a.lanes, b.lanes)}; }
inline F32 operator*(F32 a, F32 b) { return {_mm512_mul_ps(a.lanes, b.lanes)}; }
inline F32 operator/(F32 a, F32 b) { return {_mm512_div_ps(a.lanes, b.lanes)}; }
inline F32 operator-(F32 x) { return {_mm512_xor_ps(x.lanes, _mm512_set1_ps(-0.0F))}; }
inline F32 multiply_add(F32 a, F32 b, F32 c) { return {_mm512_fmadd_ps(a.lanes, b.lanes, c.lanes)}; }

inline F32 larger(F32 a, F32 b) { return {_mm512_max_ps(a.lanes, b.lanes)}; }
inline F32 smaller(F32 a, F32 b) { return {_mm512_min_ps(a.lanes, b.lanes)}; }
inline F32 select_if_less(F32 a, F32 b, F32 then, F32 otherwise) {
  return {
      _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a.lanes, b.lanes, _CMP_LT_OQ), otherwise.lanes, then.lanes)};
}
inline F32 magnitude(F32 x) { return {_mm512_andnot_ps(_mm512_set1_ps(-0.0F), x.lanes)}; }
inline F32 with_sign_of(F32 x, F32 sign) {
  return {_mm512_or_ps(x.lanes, _mm512_and_ps(_mm512_set1_ps(-0.0F), sign.lanes))};
}

inline F32 round_to_integer(F32 x) {
  return {_mm512_roundscale_ps(x.lanes, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
inline F32 times_power_of_two(F32 x, F32 n) { return {_mm512_scalef_ps(x.lanes, n.lanes)}; }

inline __m256 low_half(__m512 x) { return _mm512_castps512_ps256(x); }
inline __m256 high_half(__m512 x) { return _mm512_extractf32x8_ps(x, 1); }

inline float first_lane(F32 x) { return _mm512_cvtss_f32(x.lanes); }
inline float sum(F32 x) {
  const __m256 eight = _mm256_add_ps(low_half(x.lanes), high_half(x.lanes));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
inline float largest(F32 x) {
  const __m256 eight = _mm256_max_ps(low_half(x.lanes), high_half(x.lanes));
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

inline void add_fourths_to(float* to, F32 x) {
  const __m128 low = _mm_add_ps(_mm512_castps512_ps128(x.lanes), _mm512_extractf32x4_ps(x.lanes, 1));
  const __m128 high = _mm_add_ps(_mm512_extractf32x4_ps(x.lanes, 2), _mm512_extractf32x4_ps(x.lanes, 3));
  _mm_storeu_ps(to, _mm_add_ps(_mm_loadu_ps(to), _mm_add_ps(low, high)));
}

inline F32 to_f32(Ints n) { return {_mm512_cvtepi32_ps(n)}; }
inline Ints round_to_ints(F32 x) { return _mm512_cvtps_epi32(x.lanes); }
inline F32 as_f32(Ints bits) { return {_mm512_castsi512_ps(bits)}; }
inline Ints as_ints(F32 x) { return _mm512_castps_si512(x.lanes); }
inline F32 halves_to_f32(Ints half) { return {_mm512_cvtph_ps(_mm512_cvtepi32_epi16(half))}; }

inline F32 swap_pairs(F32 x) { return {_mm512_permute_ps(x.lanes, 0b10'11'00'01)}; }

}  // namespace
}  // namespace hearth::cpu
