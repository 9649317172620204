// Kernels of what goes along a sequence: convolutions and selective state spaces. Needs F32.
#pragma once

#include <cstdint>

#include "engine/compute/cpu/vector/elementwise-inl.h"
#include "engine/compute/cpu/vector/norm-inl.h"
#include "engine/compute/cpu/vector/vector_kernels.h"

namespace hearth::cpu {
namespace {

void weighted_sum(const float* const* inputs, const float* weights, int64_t terms, const float* bias,
                  int64_t count, float* out) {
  for (int64_t i = 0; i < count; i += F32::kWidth) {
    const int64_t lanes = count - i < F32::kWidth ? count - i : F32::kWidth;
    F32 sum = bias == nullptr ? zero() : load_lanes(bias + i, lanes);
    for (int64_t k = 0; k < terms; ++k) {
      sum = multiply_add(load_lanes(weights + k * count + i, lanes), load_lanes(inputs[k] + i, lanes), sum);
    }
    store_lanes(out + i, sum, lanes);
  }
}

/// state = keep * state + input * in, and the sum of state * out, in the lanes of norm-inl.h. `keep` gives
/// the factors of the register that begins at an index.
template <typename Keep>
inline float update_channel(const ScanRow& row, float* state, F32 input, Keep keep) {
  F32 sums[kSumRegisters];
  for (F32& lanes : sums) lanes = zero();
  int64_t i = 0;
  for (; i + kSumRegisters * F32::kWidth <= row.n_state; i += kSumRegisters * F32::kWidth) {
    HEARTH_UNROLL for (int64_t s = 0; s < kSumRegisters; ++s) {
      const int64_t at = i + s * F32::kWidth;
      const F32 next = multiply_add(keep(at, F32::kWidth), load(state + at), input * load(row.in + at));
      store(state + at, next);
      sums[s] = multiply_add(next, load(row.out + at), sums[s]);
    }
  }
  for (int64_t s = 0; i < row.n_state; ++s, i += F32::kWidth) {
    const int64_t rest = row.n_state - i;
    const int64_t lanes = rest < F32::kWidth ? rest : F32::kWidth;
    const F32 taken = input * load_lanes(row.in + i, lanes);
    const F32 next = multiply_add(keep(i, lanes), load_lanes(state + i, lanes), taken);
    store_lanes(state + i, next, lanes);
    sums[s] = multiply_add(next, load_lanes(row.out + i, lanes), sums[s]);
  }
  return sum_lanes(sums);
}

void scan_row(const ScanRow& row) {
  F32 shared_keep = zero();
  for (int64_t c = 0; c < row.channels; ++c) {
    const int64_t head = c / row.head_channels;
    const float step = row.step[head];
    float* const state = row.state + c * row.n_state;
    const F32 input = broadcast(step * row.x[c]);
    float sum = 0.0F;
    if (row.shares_decay) {
      if (c % row.head_channels == 0) shared_keep = exponential(broadcast(step * row.decay[head]));
      sum = update_channel(row, state, input, [=](int64_t, int64_t) { return shared_keep; });
    } else {
      const float* const decay = row.decay + head * row.n_state;
      const F32 steps = broadcast(step);
      sum = update_channel(row, state, input, [=](int64_t at, int64_t lanes) {
        return exponential(steps * load_lanes(decay + at, lanes));
      });
    }
    row.y[c] = sum + row.skip[head] * row.x[c];
  }
}

}  // namespace
}  // namespace hearth::cpu
