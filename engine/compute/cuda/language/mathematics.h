// exp, log, sin, cos and tanh in single precision out of nothing but multiplications and additions: a GPU's
// own are approximations of their own kind, and so a host computes what the GPU does. Polynomials are those
// of Moshier's Cephes library, whose errors are under 2 units in the last place within the ranges to which
// arguments are brought here.
#pragma once

#include "engine/compute/cuda/language/bits.h"

namespace hearth {

constexpr float kLog2E = 1.44269504F;
// ln 2 and pi / 2 in parts: products of the first with small whole numbers lose nothing.
constexpr float kLn2High = 0.693359375F;
constexpr float kLn2Low = -2.12194440e-4F;
constexpr float kHalfPiHigh = 1.57079637F;
constexpr float kHalfPiMiddle = -4.37113883e-8F;
constexpr float kHalfPiLow = -1.71512449e-15F;

HEARTH_FUNCTION float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

/// c[0] x^n + ... + c[n].
template <int n>
HEARTH_FUNCTION float polynomial(float x, const float (&c)[n]) {
  float sum = c[0];
  for (int i = 1; i < n; ++i) sum = fused(sum, x, c[i]);
  return sum;
}

/// 2^n, for an n of a normal number.
HEARTH_FUNCTION float power_of_two(int n) { return as_type<float>(static_cast<uint>(n + 127) << 23); }

/// Below the least normal number 0, above the largest one about that.
HEARTH_FUNCTION float exponential(float x) {
  if (x < -87.33F) return 0.0F;
  const float bounded = __builtin_fminf(x, 88.72F);
  const float n = __builtin_rintf(bounded * kLog2E);
  const float r = fused(n, -kLn2Low, fused(n, -kLn2High, bounded));
  const float tail = polynomial(r, {1.9875691500e-4F, 1.3981999507e-3F, 8.3334519073e-3F, 4.1665795894e-2F,
                                    1.6666665459e-1F, 5.0000001201e-1F});
  // In two steps, as 2^128 is none.
  const int whole = static_cast<int>(n);
  return (fused(tail, r * r, r) + 1.0F) * power_of_two(whole / 2) * power_of_two(whole - whole / 2);
}

/// Of normal numbers above 0.
HEARTH_FUNCTION float logarithm(float x) {
  const uint bits = as_type<uint>(x);
  int exponent = static_cast<int>(bits >> 23) - 126;
  float m = as_type<float>((bits & 0x7FFFFF) | 0x3F000000);  // within [0.5, 1)
  if (m < 0.707106781F) {
    exponent -= 1;
    m += m;
  }
  const float r = m - 1.0F;
  const float z = r * r;
  const float tail = polynomial(
      r, {7.0376836292e-2F, -1.1514610310e-1F, 1.1676998740e-1F, -1.2420140846e-1F, 1.4249322787e-1F,
          -1.6668057665e-1F, 2.0000714765e-1F, -2.4999993993e-1F, 3.3333331174e-1F});
  const auto n = static_cast<float>(exponent);
  const float small = fused(-0.5F, z, fused(n, kLn2Low, r * z * tail));
  return fused(n, kLn2High, r + small);
}

/// The sine of so many quarters of a turn and `r` radians beyond them.
HEARTH_FUNCTION float sine_of(int quarters, float r) {
  const float z = r * r;
  const float sine = fused(polynomial(z, {-1.9515295891e-4F, 8.3321608736e-3F, -1.6666654611e-1F}) * z, r, r);
  const float cosine =
      fused(polynomial(z, {2.443315711809948e-5F, -1.388731625493765e-3F, 4.166664568298827e-2F}), z * z,
            fused(-0.5F, z, 1.0F));
  const float value = (quarters & 1) != 0 ? cosine : sine;
  return (quarters & 2) != 0 ? -value : value;
}

/// The sine of x and so many quarters of a turn, for radians up to about a million on either side.
HEARTH_FUNCTION float turned(float x, int quarters) {
  const float n = __builtin_rintf(x * 0.636619772F);
  const float r = fused(n, -kHalfPiLow, fused(n, -kHalfPiMiddle, fused(n, -kHalfPiHigh, x)));
  return sine_of(static_cast<int>(n) + quarters, r);
}

HEARTH_FUNCTION float hyperbolic_tangent(float x) {
  const float size = __builtin_fabsf(x);
  if (size >= 0.625F) return __builtin_copysignf(1.0F - 2.0F / (exponential(2.0F * size) + 1.0F), x);
  const float z = x * x;
  const float tail = polynomial(
      z, {-5.70498872745e-3F, 2.06390887954e-2F, -5.37397155531e-2F, 1.33314422036e-1F, -3.33332819422e-1F});
  return fused(tail * z, x, x);
}

}  // namespace hearth
