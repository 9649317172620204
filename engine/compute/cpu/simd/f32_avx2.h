// F32: eight floats in an AVX register. What each function does: f32_portable.h.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace hearth::cpu {
namespace {

struct F32 {
  static constexpr int64_t kWidth = 8;
  __m256 lanes;
};
using Ints = __m256i;

// 6 x 2 accumulators, two vectors of B and one broadcast are 15 of 16 registers; a fused multiply-add takes 4
// cycles and two start in each, so 8 accumulators or more keep both units busy.
constexpr int kTileRows = 6;
constexpr int kTileVectors = 2;

inline F32 zero() { return {_mm256_setzero_ps()}; }
inline F32 broadcast(float value) { return {_mm256_set1_ps(value)}; }

inline __m256i first_lanes(int64_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline F32 load(const float* from) { return {_mm256_loadu_ps(from)}; }
inline F32 load_partial(const float* from, int64_t count) {
  return {_mm256_maskload_ps(from, first_lanes(count))};
}
inline void store(float* to, F32 x) { _mm256_storeu_ps(to, x.lanes); }
inline void store_partial(float* to, F32 x, int64_t count) {
  _mm256_maskstore_ps(to, first_lanes(count), x.lanes);
}

inline F32 load(const uint16_t* from) {
  return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)))};
}
inline F32 load_partial(const uint16_t* from, int64_t count) {
  alignas(16) uint16_t half[8] = {};
  for (int64_t i = 0; i < count; ++i) half[i] = from[i];
  return load(half);
}
inline F32 broadcast_half(const uint16_t* from) {
  return {_mm256_cvtph_ps(_mm_set1_epi16(static_cast<int16_t>(*from)))};
}
inline F32 load_bf16(const uint16_t* from) {
  const __m128i stored = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(stored), 16))};
}

inline void store_f16(uint16_t* to, F32 x) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_cvtps_ph(x.lanes, _MM_FROUND_TO_NEAREST_INT));
}
inline void store_f16_partial(uint16_t* to, F32 x, int64_t count) {
  alignas(16) uint16_t half[8];
  store_f16(half, x);
  for (int64_t i = 0; i < count; ++i) to[i] = half[i];
}

inline F32 load(const int8_t* from) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes))};
}
inline Ints widen_bytes(const uint8_t* from) {
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
}
inline F32 load_low_nibbles(const uint8_t* from) {
  return {_mm256_cvtepi32_ps(_mm256_and_si256(widen_bytes(from), _mm256_set1_epi32(15)))};
}
inline F32 load_high_nibbles(const uint8_t* from) {
  return {_mm256_cvtepi32_ps(_mm256_srli_epi32(widen_bytes(from), 4))};
}

inline F32 operator+(F32 a, F32 b) { return {_mm256_add_ps(a.lanes, b.lanes)}; }
inline F32 operator-(F32 a, F32 b) { return {_mm256_sub_ps(a.lanes, b.lanes)}; }
inline F32 operator*(F32 a, F32 b) { return {_mm256_mul_ps(a.lanes, b.lanes)}; }
inline F32 operator/(F32 a, F32 b) { return {_mm256_div_ps(a.lanes, b.lanes)}; }
inline F32 operator-(F32 x) { return {_mm256_xor_ps(x.lanes, _mm256_set1_ps(-0.0F))}; }
inline F32 multiply_add(F32 a, F32 b, F32 c) { return {_mm256_fmadd_ps(a.lanes, b.lanes, c.lanes)}; }

inline F32 larger(F32 a, F32 b) { return {_mm256_max_ps(a.lanes, b.lanes)}; }
inline F32 smaller(F32 a, F32 b) { return {_mm256_min_ps(a.lanes, b.lanes)}; }
inline F32 select_if_less(F32 a, F32 b, F32 then, F32 otherwise) {
  return {_mm256_blendv_ps(otherwise.lanes, then.lanes, _mm256_cmp_ps(a.lanes, b.lanes, _CMP_LT_OQ))};
}
inline F32 magnitude(F32 x) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0F), x.lanes)}; }
inline F32 with_sign_of(F32 x, F32 sign) {
  return {_mm256_or_ps(x.lanes, _mm256_and_ps(_mm256_set1_ps(-0.0F), sign.lanes))};
}

inline F32 round_to_integer(F32 x) {
  return {_mm256_round_ps(x.lanes, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
inline F32 times_power_of_two(F32 x, F32 n) {
  const __m256i whole = _mm256_cvtps_epi32(n.lanes);
  const __m256i half = _mm256_srai_epi32(whole, 1);
  const __m256i bias = _mm256_set1_epi32(127);
  const __m256i first = _mm256_slli_epi32(_mm256_add_epi32(half, bias), 23);
  const __m256i second = _mm256_slli_epi32(_mm256_add_epi32(_mm256_sub_epi32(whole, half), bias), 23);
  return {_mm256_mul_ps(_mm256_mul_ps(x.lanes, _mm256_castsi256_ps(first)), _mm256_castsi256_ps(second))};
}

inline float first_lane(F32 x) { return _mm256_cvtss_f32(x.lanes); }
inline float sum(F32 x) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x.lanes), _mm256_extractf128_ps(x.lanes, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
inline float largest(F32 x) {
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(x.lanes), _mm256_extractf128_ps(x.lanes, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

inline void add_fourths_to(float* to, F32 x) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x.lanes), _mm256_extractf128_ps(x.lanes, 1));
  _mm_storeu_ps(to, _mm_add_ps(_mm_loadu_ps(to), four));
}

inline F32 to_f32(Ints n) { return {_mm256_cvtepi32_ps(n)}; }
inline Ints round_to_ints(F32 x) { return _mm256_cvtps_epi32(x.lanes); }
inline F32 as_f32(Ints bits) { return {_mm256_castsi256_ps(bits)}; }
inline Ints as_ints(F32 x) { return _mm256_castps_si256(x.lanes); }
inline F32 halves_to_f32(Ints half) {
  const __m256i low = _mm256_and_si256(half, _mm256_set1_epi32(0xFFFF));
  const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(low, low), 0x08);
  return {_mm256_cvtph_ps(_mm256_castsi256_si128(packed))};
}

inline F32 swap_pairs(F32 x) { return {_mm256_permute_ps(x.lanes, 0b10'11'00'01)}; }

}  // namespace
}  // namespace hearth::cpu
