// How recurrences go through rows of their states: some rows at once, which share what is read of the
// operands. Needs F32.
//
// Sums over a row run in 16 lanes, element i in lane i % 16, then in halves as norm-inl.h has it. So many
// rows have their sums in registers, whose order is the same for each row, however many are at work.
#pragma once

#include <cstdint>

#include "engine/compute/cpu/simd/unroll.h"
#include "engine/compute/cpu/vector/elementwise-inl.h"

namespace hearth::cpu {
namespace {

constexpr int64_t kStateRegisters = 16 / F32::kWidth;
constexpr int64_t kStateRows = F32::kWidth / 4;

inline float sum_state_lanes(F32 (&sums)[kStateRegisters]) {
  HEARTH_UNROLL for (int64_t half = kStateRegisters / 2; half > 0; half /= 2) {
    HEARTH_UNROLL for (int64_t i = 0; i < half; ++i) sums[i] = sums[i] + sums[i + half];
  }
  return sum(sums[0]);
}

/// Calls visit(offset, lanes there, register of the sums) for each register of a row of `count` elements.
template <typename Visit>
inline void for_each_state_lanes(int64_t count, Visit visit) {
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    HEARTH_UNROLL for (int64_t s = 0; s < kStateRegisters; ++s) {
      visit(i + s * F32::kWidth, F32::kWidth, s);
    }
  }
  HEARTH_UNROLL for (int64_t s = 0; s < kStateRegisters; ++s) {
    const int64_t at = i + s * F32::kWidth;
    if (at < count) visit(at, count - at < F32::kWidth ? count - at : F32::kWidth, s);
  }
}

}  // namespace
}  // namespace hearth::cpu
