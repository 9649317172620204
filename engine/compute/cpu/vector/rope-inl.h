// Rotary position embedding of one head. Needs F32.
#pragma once

#include <cstdint>

namespace hearth::cpu {
namespace {

// With element pairs (a, b): out = (a cos - b sin, b cos + a sin) = x * (cos, cos) + swapped(x) * (-sin,
// sin).
inline F32 turn_adjacent(F32 x, F32 cosine, F32 sine) {
  return multiply_add(x, cosine, swap_pairs(x) * sine);
}

void rope_adjacent(const float* cosines, const float* sines, int64_t pairs, float* x) {
  const int64_t count = 2 * pairs;
  int64_t i = 0;
  for (; i + F32::kWidth <= count; i += F32::kWidth) {
    store(x + i, turn_adjacent(load(x + i), load(cosines + i), load(sines + i)));
  }
  if (i == count) return;
  const int64_t rest = count - i;
  const F32 turned = turn_adjacent(load_partial(x + i, rest), load_partial(cosines + i, rest),
                                   load_partial(sines + i, rest));
  store_partial(x + i, turned, rest);
}

void rope_halves(const float* cosines, const float* sines, int64_t pairs, float* x) {
  float* const low = x;
  float* const high = x + pairs;
  for (int64_t i = 0; i < pairs; i += F32::kWidth) {
    const int64_t rest = pairs - i;
    const bool whole = rest >= F32::kWidth;
    const F32 a = whole ? load(low + i) : load_partial(low + i, rest);
    const F32 b = whole ? load(high + i) : load_partial(high + i, rest);
    const F32 cosine = whole ? load(cosines + i) : load_partial(cosines + i, rest);
    const F32 sine = whole ? load(sines + i) : load_partial(sines + i, rest);
    const F32 turned_a = multiply_add(a, cosine, zero() - b * sine);
    const F32 turned_b = multiply_add(b, cosine, a * sine);
    if (whole) {
      store(low + i, turned_a);
      store(high + i, turned_b);
    } else {
      store_partial(low + i, turned_a, rest);
      store_partial(high + i, turned_b, rest);
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
