// How the products of a group's columns are summed for many weight rows, where the machine multiplies 2x8
// matrices of bytes: two rows of input by two weight rows, eight columns at a time. The sums are those of
// dot_groups-inl.h, to the bit.
#include "engine/compute/cpu/simd/unroll.h"

namespace hearth::cpu {
namespace {

/// A tile's sums as the products have them, of two rows of input and two weight rows each.
template <int inputs>
using PairSums = Ints[(inputs + 1) / 2][kTilePanels][2];

/// Adds the products of eight columns; x has them of two rows of input at a time.
template <int pairs, class Panel>
inline void add_eight_columns(const Panel* panels, int first, const Bytes (&x)[pairs],
                              Ints (&to)[pairs][kTilePanels][2]) {
  HEARTH_UNROLL
  for (int n = 0; n < kTilePanels; ++n) {
    HEARTH_UNROLL
    for (int i = 0; i < 2; ++i) {
      const Bytes weights = load_bytes(panels[n].values[first + i]);
      HEARTH_UNROLL
      for (int m = 0; m < pairs; ++m) to[m][n][i] = multiply_pairs(to[m][n][i], x[m], weights);
    }
  }
}

/// Adds the products of a group's columns, from 4 * first on, of `inputs` rows of input with kTilePanels
/// panels. An odd row is a pair with itself.
template <class U, int inputs, class Panel>
inline void add_group(const Panel* panels, const InputChunk* x, int first, Ints (&to)[inputs][kTilePanels]) {
  constexpr int kPairs = (inputs + 1) / 2;
  const auto second_of = [](int pair) { return 2 * pair + (2 * pair + 1 < inputs ? 1 : 0); };
  PairSums<inputs> sums;
  HEARTH_UNROLL
  for (int m = 0; m < kPairs; ++m) {
    HEARTH_UNROLL
    for (int n = 0; n < kTilePanels; ++n) {
      sums[m][n][0] = interleave_low_pairs(to[2 * m][n], to[second_of(m)][n]);
      sums[m][n][1] = interleave_high_pairs(to[2 * m][n], to[second_of(m)][n]);
    }
  }
  HEARTH_UNROLL
  for (int k = first; k < first + U::kGroup / 4; k += 4) {
    Bytes low[kPairs];
    Bytes high[kPairs];
    HEARTH_UNROLL
    for (int m = 0; m < kPairs; ++m) {
      const Bytes one = load_bytes(x[2 * m].values + 4 * k);
      const Bytes other = load_bytes(x[second_of(m)].values + 4 * k);
      low[m] = interleave_low_pairs(one, other);
      high[m] = interleave_high_pairs(one, other);
    }
    add_eight_columns(panels, k, low, sums);
    add_eight_columns(panels, k + 2, high, sums);
  }
  HEARTH_UNROLL
  for (int m = 0; m < inputs; ++m) {
    HEARTH_UNROLL
    for (int n = 0; n < kTilePanels; ++n) {
      const Ints(&two)[2] = sums[m / 2][n];
      to[m][n] = m % 2 == 0 ? interleave_low_pairs(two[0], two[1]) : interleave_high_pairs(two[0], two[1]);
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
