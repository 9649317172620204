// Recurrences whose channels go along a sequence each on its own: convolutions, and selective state spaces.
#pragma once

#include <cstdint>

#include "engine/compute/tensor.h"

namespace hearth {

/// A convolution along each sequence, of every column on its own.
struct Convolution {
  static constexpr int64_t kMostTaps = 64;

  int64_t count = 0;  // of taps, at most kMostTaps
  Vector taps;        // [columns, count], that of the oldest row first
  Vector bias;        // optional

  /// Bytes of its state, which is the count - 1 rows before a batch's, the oldest first.
  uint64_t state_bytes(int64_t columns) const {
    return static_cast<uint64_t>((count - 1) * columns) * sizeof(float);
  }
};

/// A selective state space (Mamba, Gu & Dao 2023): each channel remembers `n_state` numbers, which fade and
/// take in as its row says. Channels stand in heads that share a step, heads in groups that share inputs and
/// outputs (Mamba 2, Dao & Gu 2024; where a head is one channel it is Mamba 1). For each channel c of head h
/// and group g,
///   state = e^(step[h] * decay[h]) * state + step[h] * x[c] * in[g],
///   y[c] = state . out[g] + skip[h] * x[c].
struct SelectiveScan {
  int64_t n_state = 0;
  int64_t n_head = 0;
  int64_t n_group = 1;
  Vector decay;  // below 0: [n_head], or [n_head, n_state]
  Vector skip;   // [n_head]

  /// Bytes of its state, which is f32 [channels, n_state].
  uint64_t state_bytes(int64_t channels) const {
    return static_cast<uint64_t>(channels * n_state) * sizeof(float);
  }
};

/// What a row says to a selective state space.
struct ScanInputs {
  Tensor x;     // [rows, channels]
  Tensor step;  // [rows, n_head], above 0
  Tensor in;    // [rows, n_group * n_state]
  Tensor out;   // likewise
};

}  // namespace hearth
