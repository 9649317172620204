// F32: four floats in a NEON register. What each function does: f32_portable.h.
#pragma once

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

namespace hearth::cpu {
namespace {

struct F32 {
  static constexpr int64_t kWidth = 4;
  float32x4_t lanes;
};
using Ints = int32x4_t;

// 6 x 4 accumulators, four vectors of B and one broadcast are 29 of 32 registers.
constexpr int kTileRows = 6;
constexpr int kTileVectors = 4;

inline F32 zero() { return {vdupq_n_f32(0.0F)}; }
inline F32 broadcast(float value) { return {vdupq_n_f32(value)}; }

inline F32 load(const float* from) { return {vld1q_f32(from)}; }
inline F32 load_partial(const float* from, int64_t count) {
  F32 x = zero();
  __builtin_memcpy(&x.lanes, from, static_cast<size_t>(count) * sizeof(float));
  return x;
}
inline void store(float* to, F32 x) { vst1q_f32(to, x.lanes); }
inline void store_partial(float* to, F32 x, int64_t count) {
  __builtin_memcpy(to, &x.lanes, static_cast<size_t>(count) * sizeof(float));
}

inline F32 load(const uint16_t* from) { return {vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from)))}; }
inline F32 load_partial(const uint16_t* from, int64_t count) {
  uint16_t half[4] = {};
  for (int64_t i = 0; i < count; ++i) half[i] = from[i];
  return load(half);
}
inline F32 broadcast_half(const uint16_t* from) {
  return {vcvt_f32_f16(vreinterpret_f16_u16(vld1_dup_u16(from)))};
}
inline F32 load_bf16(const uint16_t* from) {
  return {vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(from), 16))};
}

inline void store_f16(uint16_t* to, F32 x) { vst1_u16(to, vreinterpret_u16_f16(vcvt_f16_f32(x.lanes))); }
inline void store_f16_partial(uint16_t* to, F32 x, int64_t count) {
  uint16_t half[4];
  store_f16(half, x);
  for (int64_t i = 0; i < count; ++i) to[i] = half[i];
}

inline F32 load(const int8_t* from) {
  const int32_t lanes[4] = {from[0], from[1], from[2], from[3]};
  return {vcvtq_f32_s32(vld1q_s32(lanes))};
}
inline uint32x4_t widen_bytes(const uint8_t* from) {
  const uint32_t lanes[4] = {from[0], from[1], from[2], from[3]};
  return vld1q_u32(lanes);
}
inline F32 load_low_nibbles(const uint8_t* from) {
  return {vcvtq_f32_u32(vandq_u32(widen_bytes(from), vdupq_n_u32(15)))};
}
inline F32 load_high_nibbles(const uint8_t* from) {
  return {vcvtq_f32_u32(vshrq_n_u32(widen_bytes(from), 4))};
}

inline F32 operator+(F32 a, F32 b) { return {vaddq_f32(a.lanes, b.lanes)}; }
inline F32 operator-(F32 a, F32 b) { return {vsubq_f32(a.lanes, b.lanes)}; }
inline F32 operator*(F32 a, F32 b) { return {vmulq_f32(a.lanes, b.lanes)}; }
inline F32 operator/(F32 a, F32 b) { return {vdivq_f32(a.lanes, b.lanes)}; }
inline F32 operator-(F32 x) { return {vnegq_f32(x.lanes)}; }
inline F32 multiply_add(F32 a, F32 b, F32 c) { return {vfmaq_f32(c.lanes, a.lanes, b.lanes)}; }

inline F32 larger(F32 a, F32 b) { return {vmaxq_f32(a.lanes, b.lanes)}; }
inline F32 smaller(F32 a, F32 b) { return {vminq_f32(a.lanes, b.lanes)}; }
inline F32 select_if_less(F32 a, F32 b, F32 then, F32 otherwise) {
  return {vbslq_f32(vcltq_f32(a.lanes, b.lanes), then.lanes, otherwise.lanes)};
}
inline F32 magnitude(F32 x) { return {vabsq_f32(x.lanes)}; }
inline F32 with_sign_of(F32 x, F32 sign) {
  return {vbslq_f32(vdupq_n_u32(0x80000000U), sign.lanes, x.lanes)};
}

inline F32 round_to_integer(F32 x) { return {vrndnq_f32(x.lanes)}; }
inline F32 times_power_of_two(F32 x, F32 n) {
  const int32x4_t whole = vcvtq_s32_f32(n.lanes);
  const int32x4_t half = vshrq_n_s32(whole, 1);
  const int32x4_t bias = vdupq_n_s32(127);
  const int32x4_t first = vshlq_n_s32(vaddq_s32(half, bias), 23);
  const int32x4_t second = vshlq_n_s32(vaddq_s32(vsubq_s32(whole, half), bias), 23);
  return {vmulq_f32(vmulq_f32(x.lanes, vreinterpretq_f32_s32(first)), vreinterpretq_f32_s32(second))};
}

inline float first_lane(F32 x) { return vgetq_lane_f32(x.lanes, 0); }
inline float sum(F32 x) {
  const float32x2_t two = vadd_f32(vget_low_f32(x.lanes), vget_high_f32(x.lanes));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}
inline float largest(F32 x) { return vmaxvq_f32(x.lanes); }

inline void add_fourths_to(float* to, F32 x) { vst1q_f32(to, vaddq_f32(vld1q_f32(to), x.lanes)); }

inline F32 to_f32(Ints n) { return {vcvtq_f32_s32(n)}; }
inline Ints round_to_ints(F32 x) { return vcvtnq_s32_f32(x.lanes); }
inline F32 as_f32(Ints bits) { return {vreinterpretq_f32_s32(bits)}; }
inline Ints as_ints(F32 x) { return vreinterpretq_s32_f32(x.lanes); }
inline F32 halves_to_f32(Ints half) {
  return {vcvt_f32_f16(vreinterpret_f16_u16(vmovn_u32(vreinterpretq_u32_s32(half))))};
}

inline F32 swap_pairs(F32 x) { return {vrev64q_f32(x.lanes)}; }

}  // namespace
}  // namespace hearth::cpu
