// Kernels that treat each element on its own. Needs F32.
#pragma once

#include <cstdint>

#include "engine/compute/cpu/vector/math-inl.h"
#include "engine/compute/cpu/vector/vector_kernels.h"

namespace hearth::cpu {
namespace {

/// The first lanes, or all of them.
inline F32 load_lanes(const float* from, int64_t lanes) {
  return lanes == F32::kWidth ? load(from) : load_partial(from, lanes);
}
inline void store_lanes(float* to, F32 x, int64_t lanes) {
  if (lanes == F32::kWidth) return store(to, x);
  store_partial(to, x, lanes);
}

/// x[i] = function(x[i], i) a register at a time; the last, partial one goes through the same instructions.
template <typename Function>
inline void for_each_register(int64_t count, const float* x, float* out, Function function) {
  int64_t i = 0;
  for (; i + F32::kWidth <= count; i += F32::kWidth) store(out + i, function(load(x + i)));
  if (i < count) store_partial(out + i, function(load_partial(x + i, count - i)), count - i);
}
template <typename Function>
inline void for_each_register(int64_t count, const float* x, const float* y, float* out, Function function) {
  int64_t i = 0;
  for (; i + F32::kWidth <= count; i += F32::kWidth) store(out + i, function(load(x + i), load(y + i)));
  if (i == count) return;
  const int64_t rest = count - i;
  store_partial(out + i, function(load_partial(x + i, rest), load_partial(y + i, rest)), rest);
}

void add(const float* y, int64_t count, float* x) {
  for_each_register(count, x, y, x, [](F32 a, F32 b) { return a + b; });
}

void scale(float factor, int64_t count, float* x) {
  const F32 factors = broadcast(factor);
  for_each_register(count, x, x, [=](F32 a) { return a * factors; });
}

void combine(float x_factor, const float* y, float y_factor, int64_t count, float* x) {
  const F32 x_factors = broadcast(x_factor);
  const F32 y_factors = broadcast(y_factor);
  for_each_register(count, x, y, x, [=](F32 a, F32 b) { return multiply_add(b, y_factors, a * x_factors); });
}

inline F32 clamped(F32 x, F32 limit) { return larger(smaller(x, limit), zero() - limit); }

void clamp(float limit, int64_t count, float* x) {
  const F32 limits = broadcast(limit);
  for_each_register(count, x, x, [=](F32 a) { return clamped(a, limits); });
}

inline F32 soft_capped(F32 x, F32 cap, F32 inverse_cap) { return cap * hyperbolic_tangent(x * inverse_cap); }

void soft_cap(float cap, int64_t count, float* x) {
  const F32 caps = broadcast(cap);
  const F32 inverse_caps = broadcast(1.0F / cap);
  for_each_register(count, x, x, [=](F32 a) { return soft_capped(a, caps, inverse_caps); });
}

void convert_to_f16(const float* x, int64_t count, uint16_t* out) {
  int64_t i = 0;
  for (; i + F32::kWidth <= count; i += F32::kWidth) store_f16(out + i, load(x + i));
  if (i < count) store_f16_partial(out + i, load_partial(x + i, count - i), count - i);
}

}  // namespace
}  // namespace hearth::cpu
