// Kernels that look at a whole run of elements: the norms and softmax. Needs F32.
//
// A run is summed in 64 lanes, element i in lane i % 64, then the lanes in halves: 32 and 32, 16 and 16 and
// so on. That order is the same however wide registers are, so that every instruction set that rounds a
// product and a sum once computes the same bits; and short sums keep the rounding error small.
#pragma once

#include <cstdint>

#include "engine/compute/cpu/vector/elementwise-inl.h"

namespace hearth::cpu {
namespace {

/// The first `count` lanes from memory, `fill` in the others.
inline F32 load_filled(const float* from, int64_t count, float fill) {
  float lanes[F32::kWidth];
  for (int64_t i = 0; i < F32::kWidth; ++i) lanes[i] = i < count ? from[i] : fill;
  return load(lanes);
}

constexpr int64_t kSumRegisters = 64 / F32::kWidth;

inline float sum_lanes(F32 (&sums)[kSumRegisters]) {
  for (int64_t half = kSumRegisters / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; ++i) sums[i] = sums[i] + sums[i + half];
  }
  return sum(sums[0]);
}

/// The sum of term(x[i]); term(fill) is 0.
template <typename Term>
inline float sum_of(const float* x, int64_t count, float fill, Term term) {
  F32 sums[kSumRegisters];
  for (F32& lanes : sums) lanes = zero();
  int64_t i = 0;
  for (; i + kSumRegisters * F32::kWidth <= count; i += kSumRegisters * F32::kWidth) {
    for (int64_t s = 0; s < kSumRegisters; ++s) sums[s] = sums[s] + term(load(x + i + s * F32::kWidth));
  }
  for (int64_t s = 0; i < count; ++s, i += F32::kWidth) {
    const bool whole = i + F32::kWidth <= count;
    sums[s] = sums[s] + term(whole ? load(x + i) : load_filled(x + i, count - i, fill));
  }
  return sum_lanes(sums);
}

/// out = (x - mean) * factor * weight + bias; no weight is all ones.
inline void write_norm(const float* x, const float* weight, const float* bias, float mean, float factor,
                       int64_t count, float* out) {
  const F32 means = broadcast(mean);
  const F32 factors = broadcast(factor);
  if (weight != nullptr) {
    for_each_register(count, x, weight, out, [=](F32 a, F32 w) { return (a - means) * factors * w; });
  } else {
    for_each_register(count, x, out, [=](F32 a) { return (a - means) * factors; });
  }
  if (bias != nullptr) add(bias, count, out);
}

void rms_norm(const float* x, const float* weight, const float* bias, float epsilon, int64_t count,
              float* out) {
  const float mean_square = sum_of(x, count, 0.0F, [](F32 a) { return a * a; }) / static_cast<float>(count);
  write_norm(x, weight, bias, 0.0F, 1.0F / __builtin_sqrtf(mean_square + epsilon), count, out);
}

void layer_norm(const float* x, const float* weight, const float* bias, float epsilon, int64_t count,
                float* out) {
  const float mean = sum_of(x, count, 0.0F, [](F32 a) { return a; }) / static_cast<float>(count);
  const F32 means = broadcast(mean);
  const auto square = [=](F32 a) { return (a - means) * (a - means); };
  const float variance = sum_of(x, count, mean, square) / static_cast<float>(count);
  write_norm(x, weight, bias, mean, 1.0F / __builtin_sqrtf(variance + epsilon), count, out);
}

inline float largest_of(const float* x, int64_t count) {
  F32 best = broadcast(x[0]);
  int64_t i = 0;
  for (; i + F32::kWidth <= count; i += F32::kWidth) best = larger(best, load(x + i));
  if (i < count) best = larger(best, load_filled(x + i, count - i, x[0]));
  return largest(best);
}

void softmax(int64_t count, float* x) {
  const F32 maxima = broadcast(largest_of(x, count));
  for_each_register(count, x, x, [=](F32 a) { return exponential(a - maxima); });
  const float total = sum_of(x, count, 0.0F, [](F32 a) { return a; });
  scale(1.0F / total, count, x);
}

}  // namespace
}  // namespace hearth::cpu
