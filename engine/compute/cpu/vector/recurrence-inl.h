// Kernels of what goes along a sequence: convolutions and selective state spaces. Needs F32.
#pragma once

#include <cstdint>

#include "engine/compute/cpu/vector/elementwise-inl.h"
#include "engine/compute/cpu/vector/state_rows-inl.h"
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

/// state = keep * state + input * in of neighbouring channels that have the same factors, and their sums of
/// state * out. `keep` gives the factors of the register that begins at an index.
template <int64_t kRows, typename Keep>
inline void update_channels(const ScanRow& row, int64_t first, float step, float skip, Keep keep) {
  float* const state = row.state + first * row.n_state;
  F32 inputs[kRows];
  F32 sums[kRows][kStateRegisters];
  HEARTH_UNROLL for (int64_t c = 0; c < kRows; ++c) {
    inputs[c] = broadcast(step * row.x[first + c]);
    HEARTH_UNROLL for (int64_t s = 0; s < kStateRegisters; ++s) sums[c][s] = zero();
  }
  for_each_state_lanes(row.n_state, [&](int64_t at, int64_t lanes, int64_t s) {
    const F32 in = load_lanes(row.in + at, lanes);
    const F32 out = load_lanes(row.out + at, lanes);
    const F32 kept = keep(at, lanes);
    HEARTH_UNROLL for (int64_t c = 0; c < kRows; ++c) {
      float* const to = state + c * row.n_state + at;
      const F32 next = multiply_add(kept, load_lanes(to, lanes), inputs[c] * in);
      store_lanes(to, next, lanes);
      sums[c][s] = multiply_add(next, out, sums[c][s]);
    }
  });
  HEARTH_UNROLL for (int64_t c = 0; c < kRows; ++c) {
    row.y[first + c] = sum_state_lanes(sums[c]) + skip * row.x[first + c];
  }
}

/// Channels of one head, all of whose numbers fade alike.
inline void update_head(const ScanRow& row, int64_t first, int64_t count, int64_t head) {
  const F32 kept = exponential(broadcast(row.step[head] * row.decay[head]));
  const auto keep = [=](int64_t, int64_t) { return kept; };
  const int64_t end = first + count;
  for (; first + kStateRows <= end; first += kStateRows) {
    update_channels<kStateRows>(row, first, row.step[head], row.skip[head], keep);
  }
  for (; first < end; ++first) update_channels<1>(row, first, row.step[head], row.skip[head], keep);
}

void scan_row(const ScanRow& row) {
  if (row.shares_decay) {
    for (int64_t first = 0; first < row.channels; first += row.head_channels) {
      const int64_t rest = row.channels - first;
      update_head(row, first, rest < row.head_channels ? rest : row.head_channels, first / row.head_channels);
    }
    return;
  }
  for (int64_t c = 0; c < row.channels; ++c) {
    const int64_t head = c / row.head_channels;
    const float* const decay = row.decay + head * row.n_state;
    const F32 steps = broadcast(row.step[head]);
    update_channels<1>(row, c, row.step[head], row.skip[head], [=](int64_t at, int64_t lanes) {
      return exponential(steps * load_lanes(decay + at, lanes));
    });
  }
}

}  // namespace
}  // namespace hearth::cpu
