// F32: four floats in a register of WebAssembly. What each function does: f32_portable.h.
#pragma once

#include <wasm_simd128.h>

#include <cstddef>
#include <cstdint>

#include "engine/base/half.h"

namespace hearth::cpu {
namespace {

struct F32 {
  static constexpr int64_t kWidth = 4;
  v128_t lanes;
};
using Ints = v128_t;

/// A constant as a value that the compiler knows nothing of, so that it stays in a register: else it is
/// written down again wherever it is used, and browsers take three instructions to make it each time.
inline v128_t held(v128_t constant) {
  asm("" : "+r"(constant));
  return constant;
}

// 3 x 3 accumulators, three vectors of B and one broadcast are 13 of the 16 registers that there are at best.
constexpr int kTileRows = 3;
constexpr int kTileVectors = 3;

inline F32 zero() { return {wasm_f32x4_const_splat(0.0F)}; }
inline F32 broadcast(float value) { return {wasm_f32x4_splat(value)}; }

inline F32 load(const float* from) { return {wasm_v128_load(from)}; }
inline F32 load_partial(const float* from, int64_t count) {
  F32 x = zero();
  __builtin_memcpy(&x.lanes, from, static_cast<size_t>(count) * sizeof(float));
  return x;
}
inline void store(float* to, F32 x) { wasm_v128_store(to, x.lanes); }
inline void store_partial(float* to, F32 x, int64_t count) {
  __builtin_memcpy(to, &x.lanes, static_cast<size_t>(count) * sizeof(float));
}

inline F32 halves_to_f32(Ints half) {
  // Moved into place, the exponent is 112 too small. Subnormals, which have none, are given a one before
  // their fraction, 2^-14, that is taken away again: a product of such a number takes some processors a
  // hundred cycles.
  const v128_t magnitude = wasm_i32x4_shl(wasm_v128_and(half, held(wasm_i32x4_const_splat(0x7FFF))), 13);
  const v128_t is_subnormal = wasm_i32x4_lt(magnitude, held(wasm_i32x4_const_splat(1 << 23)));
  const v128_t one = wasm_v128_and(is_subnormal, held(wasm_f32x4_const_splat(0x1p-14F)));
  const v128_t moved = wasm_i32x4_add(magnitude, held(wasm_i32x4_const_splat(112 << 23)));
  // 113 << 23 are the bits of 2^-14, and is_subnormal is -1: one more for the exponent.
  const v128_t scaled = wasm_f32x4_sub(wasm_i32x4_sub(moved, wasm_i32x4_shl(is_subnormal, 23)), one);
  // Infinity and NaN get their exponent back.
  const v128_t is_special = wasm_i32x4_gt(magnitude, held(wasm_i32x4_const_splat(0x0F7FFFFF)));
  const v128_t exponent = wasm_v128_and(is_special, held(wasm_i32x4_const_splat(0x7F800000)));
  const v128_t sign = wasm_i32x4_shl(wasm_v128_and(half, held(wasm_i32x4_const_splat(0x8000))), 16);
  return {wasm_v128_or(wasm_v128_or(scaled, exponent), sign)};
}
/// Of the low halves of lanes, which are neither zero, subnormal, infinite nor NaN.
inline F32 normal_halves_to_f32(Ints half) {
  // With their sign, three places right of where they belong.
  const v128_t moved = wasm_i32x4_shr(wasm_i32x4_shl(half, 16), 3);
  const v128_t bits = wasm_v128_and(moved, held(wasm_i32x4_const_splat(static_cast<int>(0x8FFFE000))));
  return {wasm_i32x4_add(bits, held(wasm_i32x4_const_splat(112 << 23)))};
}
inline F32 load(const uint16_t* from) { return halves_to_f32(wasm_u32x4_load16x4(from)); }
inline F32 load_partial(const uint16_t* from, int64_t count) {
  uint16_t half[4] = {};
  for (int64_t i = 0; i < count; ++i) half[i] = from[i];
  return load(half);
}
inline F32 broadcast_half(const uint16_t* from) {
  const uint16_t half[4] = {*from, *from, *from, *from};
  return load(half);
}
inline F32 load_bf16(const uint16_t* from) { return {wasm_i32x4_shl(wasm_u32x4_load16x4(from), 16)}; }

inline void store_f16_partial(uint16_t* to, F32 x, int64_t count) {
  float lanes[4];
  store(lanes, x);
  for (int64_t i = 0; i < count; ++i) to[i] = f32_to_f16(lanes[i]);
}
inline void store_f16(uint16_t* to, F32 x) { store_f16_partial(to, x, F32::kWidth); }

inline F32 load(const int8_t* from) {
  const v128_t words = wasm_i16x8_extend_low_i8x16(wasm_v128_load32_zero(from));
  return {wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(words))};
}
inline Ints widen_bytes(const uint8_t* from) {
  return wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(from)));
}
inline F32 load_low_nibbles(const uint8_t* from) {
  return {wasm_f32x4_convert_i32x4(wasm_v128_and(widen_bytes(from), wasm_i32x4_const_splat(15)))};
}
inline F32 load_high_nibbles(const uint8_t* from) {
  return {wasm_f32x4_convert_i32x4(wasm_u32x4_shr(widen_bytes(from), 4))};
}

inline F32 operator+(F32 a, F32 b) { return {wasm_f32x4_add(a.lanes, b.lanes)}; }
inline F32 operator-(F32 a, F32 b) { return {wasm_f32x4_sub(a.lanes, b.lanes)}; }
inline F32 operator*(F32 a, F32 b) { return {wasm_f32x4_mul(a.lanes, b.lanes)}; }
inline F32 operator/(F32 a, F32 b) { return {wasm_f32x4_div(a.lanes, b.lanes)}; }
inline F32 operator-(F32 x) { return {wasm_f32x4_neg(x.lanes)}; }
/// Relaxed: rounded once or twice, as the machine does it; always the same on one machine.
inline F32 multiply_add(F32 a, F32 b, F32 c) {
#if defined(__wasm_relaxed_simd__)
  return {wasm_f32x4_relaxed_madd(a.lanes, b.lanes, c.lanes)};
#else
  return {wasm_f32x4_add(wasm_f32x4_mul(a.lanes, b.lanes), c.lanes)};
#endif
}

// The comparing forms: one instruction on most machines, where the others care for the sign of zero and NaN.
inline F32 larger(F32 a, F32 b) { return {wasm_f32x4_pmax(b.lanes, a.lanes)}; }
inline F32 smaller(F32 a, F32 b) { return {wasm_f32x4_pmin(b.lanes, a.lanes)}; }
inline F32 select_if_less(F32 a, F32 b, F32 then, F32 otherwise) {
  return {wasm_v128_bitselect(then.lanes, otherwise.lanes, wasm_f32x4_lt(a.lanes, b.lanes))};
}
inline F32 magnitude(F32 x) { return {wasm_f32x4_abs(x.lanes)}; }
inline F32 with_sign_of(F32 x, F32 sign) {
  return {wasm_v128_or(x.lanes, wasm_v128_and(sign.lanes, wasm_f32x4_const_splat(-0.0F)))};
}

inline F32 round_to_integer(F32 x) { return {wasm_f32x4_nearest(x.lanes)}; }
// In two steps, because 2^n itself may be no float.
inline F32 times_power_of_two(F32 x, F32 n) {
  const v128_t whole = wasm_i32x4_trunc_sat_f32x4(n.lanes);
  const v128_t half = wasm_i32x4_shr(whole, 1);
  const v128_t bias = wasm_i32x4_const_splat(127);
  const v128_t first = wasm_i32x4_shl(wasm_i32x4_add(half, bias), 23);
  const v128_t second = wasm_i32x4_shl(wasm_i32x4_add(wasm_i32x4_sub(whole, half), bias), 23);
  return {wasm_f32x4_mul(wasm_f32x4_mul(x.lanes, first), second)};
}

inline float first_lane(F32 x) { return wasm_f32x4_extract_lane(x.lanes, 0); }
inline float sum(F32 x) {
  const v128_t two = wasm_f32x4_add(x.lanes, wasm_i32x4_shuffle(x.lanes, x.lanes, 2, 3, 0, 1));
  return wasm_f32x4_extract_lane(two, 0) + wasm_f32x4_extract_lane(two, 1);
}
inline float largest(F32 x) {
  const F32 two = larger(x, {wasm_i32x4_shuffle(x.lanes, x.lanes, 2, 3, 0, 1)});
  return first_lane(larger(two, {wasm_i32x4_shuffle(two.lanes, two.lanes, 1, 0, 3, 2)}));
}

inline void add_fourths_to(float* to, F32 x) { store(to, load(to) + x); }

inline F32 to_f32(Ints n) { return {wasm_f32x4_convert_i32x4(n)}; }
inline Ints round_to_ints(F32 x) { return wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(x.lanes)); }
inline F32 as_f32(Ints bits) { return {bits}; }
inline Ints as_ints(F32 x) { return x.lanes; }

inline F32 swap_pairs(F32 x) { return {wasm_i32x4_shuffle(x.lanes, x.lanes, 1, 0, 3, 2)}; }

}  // namespace
}  // namespace hearth::cpu
