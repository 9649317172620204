// Kernels of recurrences whose state is a matrix for each head: one step of it, and what its operands are
// made of. Needs F32.
//
// The sums of `dot` run in 32 lanes, element i in lane i % 32, then in halves as norm-inl.h has it.
#pragma once

#include <cstdint>

#include "engine/compute/cpu/vector/norm-inl.h"
#include "engine/compute/cpu/vector/state_rows-inl.h"

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

/// What a step removes from a state.
enum class Removal { kNothing, kByKeys, kByReplacement };

/// What rows of the state hold under the step's queries, and under what is to be removed.
template <int64_t kRows>
struct Found {
  float read[kRows];
  float removed[kRows];
};

template <bool kRemoves, int64_t kRows>
inline Found<kRows> look_up(const MatrixStateStep& step, const float* state) {
  F32 reads[kRows][kStateRegisters];
  F32 removals[kRows][kStateRegisters];
  HEARTH_UNROLL for (int64_t row = 0; row < kRows; ++row) {
    HEARTH_UNROLL for (int64_t s = 0; s < kStateRegisters; ++s) reads[row][s] = removals[row][s] = zero();
  }
  for_each_state_lanes(step.key_dimension, [&](int64_t at, int64_t lanes, int64_t s) {
    const F32 queries = load_lanes(step.queries + at, lanes);
    const F32 removed = kRemoves ? load_lanes(step.removed + at, lanes) : zero();
    HEARTH_UNROLL for (int64_t row = 0; row < kRows; ++row) {
      const F32 here = load_lanes(state + row * step.key_dimension + at, lanes);
      reads[row][s] = multiply_add(here, queries, reads[row][s]);
      if (kRemoves) removals[row][s] = multiply_add(here, removed, removals[row][s]);
    }
  });
  Found<kRows> found;
  HEARTH_UNROLL for (int64_t row = 0; row < kRows; ++row) {
    found.read[row] = sum_state_lanes(reads[row]);
    found.removed[row] = kRemoves ? sum_state_lanes(removals[row]) : 0.0F;
  }
  return found;
}

template <Removal kRemoval, int64_t kRows>
inline void step_rows(const MatrixStateStep& step, int64_t first) {
  constexpr bool kReplaces = kRemoval == Removal::kByReplacement;
  float* const state = step.state + first * step.key_dimension;
  const Found<kRows> found = look_up<kRemoval != Removal::kNothing, kRows>(step, state);
  F32 values[kRows];
  F32 removed[kRows];
  HEARTH_UNROLL for (int64_t row = 0; row < kRows; ++row) {
    values[row] = broadcast(step.values[first + row]);
    removed[row] = broadcast(found.removed[row]);
    if (kRemoval == Removal::kByKeys) values[row] = values[row] - removed[row];
    F32 out = multiply_add(values[row], broadcast(step.query_key), broadcast(found.read[row]));
    if (kReplaces) out = multiply_add(removed[row], broadcast(step.query_replacement), out);
    step.out[first + row] = first_lane(out);
  }
  for_each_state_lanes(step.key_dimension, [&](int64_t at, int64_t lanes, int64_t) {
    const F32 decays = load_lanes(step.decays + at, lanes);
    const F32 keys = load_lanes(step.keys + at, lanes);
    const F32 replacement = kReplaces ? load_lanes(step.replacement + at, lanes) : zero();
    HEARTH_UNROLL for (int64_t row = 0; row < kRows; ++row) {
      float* const to = state + row * step.key_dimension + at;
      F32 here = multiply_add(values[row], keys, load_lanes(to, lanes) * decays);
      if (kReplaces) here = multiply_add(removed[row], replacement, here);
      store_lanes(to, here, lanes);
    }
  });
}

template <Removal kRemoval>
inline void step_state(const MatrixStateStep& step) {
  int64_t row = 0;
  for (; row + kStateRows <= step.value_dimension; row += kStateRows) {
    step_rows<kRemoval, kStateRows>(step, row);
  }
  for (; row < step.value_dimension; ++row) step_rows<kRemoval, 1>(step, row);
}

void step_matrix_state(const MatrixStateStep& step) {
  if (step.removed == nullptr) return step_state<Removal::kNothing>(step);
  if (step.replacement == nullptr) return step_state<Removal::kByKeys>(step);
  step_state<Removal::kByReplacement>(step);
}

}  // namespace
}  // namespace hearth::cpu
