// Kernels of recurrences whose state is a matrix for each head: one step of it, and what its operands are
// made of. Needs F32.
//
// Sums run in 32 lanes, element i in lane i % 32, then in halves as norm-inl.h has it: two of them at a time
// leave AVX2's 16 registers room.
#pragma once

#include <cstdint>

#include "engine/compute/cpu/vector/norm-inl.h"

namespace hearth::cpu {
namespace {

constexpr int64_t kDotRegisters = 32 / F32::kWidth;

inline float sum_dot_lanes(F32 (&sums)[kDotRegisters]) {
  for (int64_t half = kDotRegisters / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; ++i) sums[i] = sums[i] + sums[i + half];
  }
  return sum(sums[0]);
}

/// Calls visit(offset, lanes there, register of the sums) for each register of `count` elements.
template <typename Visit>
inline void for_each_lanes(int64_t count, Visit visit) {
  int64_t i = 0;
  for (; i + 32 <= count; i += 32) {
    for (int64_t s = 0; s < kDotRegisters; ++s) visit(i + s * F32::kWidth, F32::kWidth, s);
  }
  for (int64_t s = 0; i < count; ++s, i += F32::kWidth) {
    visit(i, count - i < F32::kWidth ? count - i : F32::kWidth, s);
  }
}

float dot(const float* x, const float* y, int64_t count) {
  F32 sums[kDotRegisters];
  for (F32& lanes : sums) lanes = zero();
  for_each_lanes(count, [&](int64_t at, int64_t lanes, int64_t s) {
    sums[s] = multiply_add(load_lanes(x + at, lanes), load_lanes(y + at, lanes), sums[s]);
  });
  return sum_dot_lanes(sums);
}

void multiply(const float* x, const float* y, int64_t count, float* out) {
  for_each_register(count, x, y, out, [](F32 a, F32 b) { return a * b; });
}

/// out = x + (y - x) * amount.
void blend(const float* x, const float* y, const float* amounts, int64_t count, float* out) {
  int64_t i = 0;
  for (; i + F32::kWidth <= count; i += F32::kWidth) {
    const F32 from = load(x + i);
    store(out + i, multiply_add(load(y + i) - from, load(amounts + i), from));
  }
  if (i == count) return;
  const int64_t rest = count - i;
  const F32 from = load_partial(x + i, rest);
  const F32 difference = load_partial(y + i, rest) - from;
  store_partial(out + i, multiply_add(difference, load_partial(amounts + i, rest), from), rest);
}

/// x = e^(rate * ln(1 + e^(x + bias))).
void softplus_decay(const float* biases, float rate, int64_t count, float* x) {
  const F32 rates = broadcast(rate);
  for_each_register(count, x, biases, x,
                    [=](F32 a, F32 bias) { return exponential(rates * softplus(a + bias)); });
}

/// x = e^(-e^x).
void double_exponential_decay(int64_t count, float* x) {
  for_each_register(count, x, x, [](F32 a) { return exponential(zero() - exponential(a)); });
}

/// x = e^(-e^(-1/2) sigmoid(x)): never below 0.545.
void sigmoid_decay(int64_t count, float* x) {
  const F32 least = broadcast(-0.60653066F);
  for_each_register(count, x, x, [=](F32 a) { return exponential(least * sigmoid(a)); });
}

/// What the state's row holds under the step's queries, and under what is to be removed.
struct Found {
  float read;
  float removed;
};

template <bool kRemoves>
inline Found look_up(const MatrixStateStep& step, const float* state) {
  F32 reads[kDotRegisters];
  F32 removals[kDotRegisters];
  for (int64_t s = 0; s < kDotRegisters; ++s) reads[s] = removals[s] = zero();
  for_each_lanes(step.key_dimension, [&](int64_t at, int64_t lanes, int64_t s) {
    const F32 here = load_lanes(state + at, lanes);
    reads[s] = multiply_add(here, load_lanes(step.queries + at, lanes), reads[s]);
    if (kRemoves) removals[s] = multiply_add(here, load_lanes(step.removed + at, lanes), removals[s]);
  });
  return {sum_dot_lanes(reads), kRemoves ? sum_dot_lanes(removals) : 0.0F};
}

template <bool kRemoves>
inline void step_rows(const MatrixStateStep& step) {
  for (int64_t row = 0; row < step.value_dimension; ++row) {
    float* const state = step.state + row * step.key_dimension;
    const Found found = look_up<kRemoves>(step, state);
    const F32 value = broadcast(step.values[row]);
    const F32 removed = broadcast(found.removed);
    F32 out = multiply_add(value, broadcast(step.query_key), broadcast(found.read));
    if (kRemoves) out = multiply_add(removed, broadcast(step.query_replacement), out);
    step.out[row] = first_lane(out);
    for_each_lanes(step.key_dimension, [&](int64_t at, int64_t lanes, int64_t) {
      F32 here = load_lanes(state + at, lanes) * load_lanes(step.decays + at, lanes);
      here = multiply_add(value, load_lanes(step.keys + at, lanes), here);
      if (kRemoves) here = multiply_add(removed, load_lanes(step.replacement + at, lanes), here);
      if (lanes == F32::kWidth) {
        store(state + at, here);
      } else {
        store_partial(state + at, here, lanes);
      }
    });
  }
}

void step_matrix_state(const MatrixStateStep& step) {
  if (step.removed != nullptr) return step_rows<true>(step);
  step_rows<false>(step);
}

}  // namespace
}  // namespace hearth::cpu
