// Elementary functions, lane by lane: the same bits for a value in whichever lane it stands. Needs F32.
#pragma once

#include <cstdint>

namespace hearth::cpu {
namespace {

/// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2: the polynomial that interpolates it at six Chebyshev nodes. The
/// error of the e^r that comes of it is 2.2e-10.
inline F32 exponential_series(F32 r) {
  F32 p = broadcast(1.98909809e-4F);
  p = multiply_add(p, r, broadcast(1.39336410e-3F));
  p = multiply_add(p, r, broadcast(8.33331093e-3F));
  p = multiply_add(p, r, broadcast(4.16664650e-2F));
  p = multiply_add(p, r, broadcast(1.66666667e-1F));
  return multiply_add(p, r, broadcast(5.00000001e-1F));
}

/// e^x within 1.2e-7 of the result (measured in math_test.cpp); exactly 1 at 0. x <= 89, where it is
/// infinity, as it is above 88.73. Exactly 0 where e^x is below the smallest normal float, as x86 processors
/// take some 200 cycles to make a subnormal one: a mask of -infinity would cost more than the scores that it
/// hides.
///
/// x = n ln 2 + r with |r| <= ln 2 / 2, and e^x = 2^n e^r. ln 2 is split in two, so that n times its first
/// part (10 bits) is exact.
inline F32 exponential_below_89(F32 x) {
  const F32 least = broadcast(-87.336544F);  // ln 2^-126, rounded up
  const F32 raised = larger(x, least);
  const F32 n = round_to_integer(raised * broadcast(1.44269504F));  // 1 / ln 2
  F32 r = multiply_add(n, broadcast(-0.693359375F), raised);
  r = multiply_add(n, broadcast(2.12194440e-4F), r);
  const F32 p = multiply_add(exponential_series(r), r * r, r) + broadcast(1.0F);
  return select_if_less(x, least, zero(), times_power_of_two(p, n));
}

/// The same for every x.
inline F32 exponential(F32 x) { return exponential_below_89(smaller(x, broadcast(89.0F))); }

/// e^x - 1 - x, without what cancels near 0.
inline F32 exponential_beyond_line(F32 x) {
  const F32 near = x * x * exponential_series(x);
  const F32 far = exponential(x) - broadcast(1.0F) - x;
  return select_if_less(magnitude(x), broadcast(0.34F), near, far);
}

/// 1 / (1 + e^-x).
inline F32 sigmoid(F32 x) { return broadcast(1.0F) / (broadcast(1.0F) + exponential(zero() - x)); }

/// tanh x within 1.5e-7 of the result. Near 0, where 1 - 2 / (e^2x + 1) cancels, an odd polynomial that
/// interpolates (tanh(x) / x - 1) / x^2 at five Chebyshev nodes in x^2: error 1.8e-8.
inline F32 hyperbolic_tangent(F32 x) {
  const F32 size = magnitude(x);
  const F32 grown = exponential(size + size);
  const F32 far = broadcast(1.0F) - broadcast(2.0F) / (grown + broadcast(1.0F));
  const F32 square = size * size;
  F32 p = broadcast(-6.10017094e-3F);
  p = multiply_add(p, square, broadcast(2.09995525e-2F));
  p = multiply_add(p, square, broadcast(-5.38514094e-2F));
  p = multiply_add(p, square, broadcast(1.33327730e-1F));
  p = multiply_add(p, square, broadcast(-3.33333290e-1F));
  const F32 near = multiply_add(p * square, size, size);
  return with_sign_of(select_if_less(size, broadcast(0.625F), near, far), x);
}

/// ln(1 + e^x), as max(x, 0) + ln(1 + e^-|x|) with y = e^-|x| <= 1, and ln(1 + y) = 2 artanh(z) with
/// z = y / (2 + y) <= 1/3: its series, whose next term is below 2 z^15 / 15 = 1e-8.
inline F32 softplus(F32 x) {
  const F32 y = exponential(zero() - magnitude(x));
  const F32 z = y / (y + broadcast(2.0F));
  const F32 square = z * z;
  F32 p = broadcast(1.0F / 13.0F);
  p = multiply_add(p, square, broadcast(1.0F / 11.0F));
  p = multiply_add(p, square, broadcast(1.0F / 9.0F));
  p = multiply_add(p, square, broadcast(1.0F / 7.0F));
  p = multiply_add(p, square, broadcast(1.0F / 5.0F));
  p = multiply_add(p, square, broadcast(1.0F / 3.0F));
  p = multiply_add(p, square, broadcast(1.0F));
  return larger(x, zero()) + (z + z) * p;
}

/// x * sigmoid(x).
inline F32 silu(F32 x) { return x * sigmoid(x); }

/// x to the 11 significant bits of a half: c = (2^13 + 1) x, and c - (c - x) keeps all but the lowest 13 bits
/// of x's 24 (Veltkamp's splitting, Dekker 1971). Halves' smaller range does not matter to an activation.
inline F32 rounded_to_half(F32 x) {
  const F32 c = x * broadcast(8193.0F);
  return c - (c - x);
}

/// 0.5 x (1 + tanh u) with u = sqrt(2 / pi) (x + 0.044715 x^3), which is x * sigmoid(2u): nothing cancels.
inline F32 exact_gelu_tanh(F32 x) {
  const F32 cubic = multiply_add(broadcast(0.044715F) * x * x, x, x);
  return x * sigmoid(broadcast(1.59576912F) * cubic);  // 2 sqrt(2 / pi)
}

/// The same with argument and result rounded to halves, as ggml takes it from a table of halves for |x| < 10:
/// the outputs that GELU models are compared by were computed so, and exact ones differ by up to 2e-3 in a
/// logit.
inline F32 gelu_tanh(F32 x) {
  const F32 size = magnitude(x);
  const F32 ten = broadcast(10.0F);
  const F32 exact = exact_gelu_tanh(select_if_less(size, ten, rounded_to_half(x), x));
  return select_if_less(size, ten, rounded_to_half(exact), exact);
}

}  // namespace
}  // namespace hearth::cpu
