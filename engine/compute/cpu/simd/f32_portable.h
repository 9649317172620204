// F32, a register of floats, in the vector types that GCC and clang have for every machine (SSE2, WebAssembly
// SIMD128 or plain registers underneath).
//
// Every f32_<set>.h defines the same names for its instruction set; kernels (*-inl.h) are written once in
// them and compiled once per set, by vector/vector_kernels_<set>.cpp and matrix/product_<set>.cpp alone. All
// of it is in an unnamed namespace and calls no inline function or template of another header: the linker
// keeps one copy of those for the whole program, and that copy could need AVX-512.
//
//   F32, F32::kWidth                       a register, and its number of lanes
//   kTileRows, kTileVectors                sums of a product that fit the registers: rows, vectors to a row
//   zero, broadcast                        all lanes the same
//   load, load_partial                     from f32, f16 (uint16_t) or int8_t; partial: the other lanes are 0
//   load_low_nibbles, load_high_nibbles    bits 0..3 or 4..7 of each byte as a number
//   store, store_partial                   to f32
//   store_f16, store_f16_partial           to f16, rounded to nearest even
//   + - * /, multiply_add(a, b, c)         a * b + c, rounded once where the machine can
//   larger(a, b), smaller(a, b)            lane by lane; of a NaN and a number, either
//   select_if_less(a, b, x, y)             x where a < b, else y
//   magnitude, with_sign_of(x, sign)       |x|; x >= 0 with the sign of the other
//   round_to_integer                       to nearest, ties to even; |x| < 2^22
//   times_power_of_two(x, n)               x * 2^n for integers |n| <= 252, rounded once
//   first_lane; sum, largest               of one lane; over all, in one fixed order
//   swap_pairs                             lanes 2i and 2i + 1 change places
//
// Matrix products are in plain C++ where there is no instruction set to choose, so what only they need is in
// the other files alone:
//   load_bf16                              from bf16
//   broadcast_half                         an f16 in all lanes
//   -x                                     with the other sign
//   add_fourths_to(to, x)                  to[i] += the sum of lanes i, i + 4, ...: (0 + 4) + (8 + 12)
//   Ints; to_f32, round_to_ints            a register of as many int32_t; from and to it, to nearest even
//   as_f32, as_ints                        the same bits
//   halves_to_f32(n)                       from the f16 in the low half of each integer
#pragma once

#include <cstdint>
#include <cstring>

#include "engine/base/half.h"

namespace hearth::cpu {
namespace {

using FourFloats = float __attribute__((vector_size(16)));
using Ints = int32_t __attribute__((vector_size(16)));

struct F32 {
  static constexpr int64_t kWidth = 4;
  FourFloats lanes;
};

// 4 x 2 accumulators, two vectors of B, one broadcast and one product leave 16 registers room.
constexpr int kTileRows = 4;
constexpr int kTileVectors = 2;

inline F32 zero() { return {FourFloats{0.0F, 0.0F, 0.0F, 0.0F}}; }
inline F32 broadcast(float value) { return {FourFloats{value, value, value, value}}; }

inline F32 load(const float* from) {
  F32 x;
  std::memcpy(&x.lanes, from, sizeof(x.lanes));
  return x;
}
inline F32 load_partial(const float* from, int64_t count) {
  F32 x = zero();
  for (int64_t i = 0; i < count; ++i) x.lanes[i] = from[i];
  return x;
}
inline void store(float* to, F32 x) { std::memcpy(to, &x.lanes, sizeof(x.lanes)); }
inline void store_partial(float* to, F32 x, int64_t count) {
  for (int64_t i = 0; i < count; ++i) to[i] = x.lanes[i];
}

/// Of the f16 in the low half of each integer.
inline F32 halves_to_f32(Ints half) {
  // Moved into place, the exponent is 112 too small: a product with 2^112 mends that, of subnormals too.
  const Ints magnitude = (half & 0x7FFF) << 13;
  const auto scaled = reinterpret_cast<Ints>(reinterpret_cast<FourFloats>(magnitude) * 0x1p112F);
  const Ints is_special = magnitude >= 0x0F800000;  // infinity and NaN: all exponent bits
  const Ints bits = scaled | (is_special & 0x7F800000) | ((half & 0x8000) << 16);
  return {reinterpret_cast<FourFloats>(bits)};
}
inline F32 load(const uint16_t* from) { return halves_to_f32(Ints{from[0], from[1], from[2], from[3]}); }
inline F32 load_partial(const uint16_t* from, int64_t count) {
  Ints half{0, 0, 0, 0};
  for (int64_t i = 0; i < count; ++i) half[i] = from[i];
  return halves_to_f32(half);
}

inline F32 broadcast_half(const uint16_t* from) { return halves_to_f32(Ints{*from, *from, *from, *from}); }

inline void store_f16_partial(uint16_t* to, F32 x, int64_t count) {
  for (int64_t i = 0; i < count; ++i) to[i] = f32_to_f16(x.lanes[i]);
}
inline void store_f16(uint16_t* to, F32 x) { store_f16_partial(to, x, F32::kWidth); }

inline F32 load(const int8_t* from) {
  return {__builtin_convertvector(Ints{from[0], from[1], from[2], from[3]}, FourFloats)};
}
inline F32 load_low_nibbles(const uint8_t* from) {
  return {__builtin_convertvector(Ints{from[0], from[1], from[2], from[3]} & 15, FourFloats)};
}
inline F32 load_high_nibbles(const uint8_t* from) {
  return {__builtin_convertvector(Ints{from[0], from[1], from[2], from[3]} >> 4, FourFloats)};
}

inline F32 operator+(F32 a, F32 b) { return {a.lanes + b.lanes}; }
inline F32 operator-(F32 a, F32 b) { return {a.lanes - b.lanes}; }
inline F32 operator*(F32 a, F32 b) { return {a.lanes * b.lanes}; }
inline F32 operator/(F32 a, F32 b) { return {a.lanes / b.lanes}; }
inline F32 multiply_add(F32 a, F32 b, F32 c) { return {a.lanes * b.lanes + c.lanes}; }

inline F32 select(Ints mask, F32 a, F32 b) {
  return {reinterpret_cast<FourFloats>((reinterpret_cast<Ints>(a.lanes) & mask) |
                                       (reinterpret_cast<Ints>(b.lanes) & ~mask))};
}
inline F32 larger(F32 a, F32 b) { return select(a.lanes > b.lanes, a, b); }
inline F32 smaller(F32 a, F32 b) { return select(a.lanes < b.lanes, a, b); }
inline F32 select_if_less(F32 a, F32 b, F32 then, F32 otherwise) {
  return select(a.lanes < b.lanes, then, otherwise);
}
inline F32 magnitude(F32 x) {
  return {reinterpret_cast<FourFloats>(reinterpret_cast<Ints>(x.lanes) & 0x7FFFFFFF)};
}
inline F32 with_sign_of(F32 x, F32 sign) {
  return {
      reinterpret_cast<FourFloats>(reinterpret_cast<Ints>(x.lanes) |
                                   (reinterpret_cast<Ints>(sign.lanes) & static_cast<int32_t>(0x80000000U)))};
}

// Adding 1.5 * 2^23 leaves no bits for a fraction.
inline F32 round_to_integer(F32 x) { return {(x.lanes + 12582912.0F) - 12582912.0F}; }
// In two steps, because 2^n itself may be no float.
inline F32 times_power_of_two(F32 x, F32 n) {
  const Ints whole = __builtin_convertvector(n.lanes, Ints);
  const Ints half = whole >> 1;
  const auto first = reinterpret_cast<FourFloats>((half + 127) << 23);
  const auto second = reinterpret_cast<FourFloats>((whole - half + 127) << 23);
  return {x.lanes * first * second};
}

inline float first_lane(F32 x) { return x.lanes[0]; }
inline float sum(F32 x) { return (x.lanes[0] + x.lanes[2]) + (x.lanes[1] + x.lanes[3]); }
inline float largest(F32 x) {
  const float even = x.lanes[0] > x.lanes[2] ? x.lanes[0] : x.lanes[2];
  const float odd = x.lanes[1] > x.lanes[3] ? x.lanes[1] : x.lanes[3];
  return even > odd ? even : odd;
}

inline F32 swap_pairs(F32 x) { return {FourFloats{x.lanes[1], x.lanes[0], x.lanes[3], x.lanes[2]}}; }

}  // namespace
}  // namespace hearth::cpu
