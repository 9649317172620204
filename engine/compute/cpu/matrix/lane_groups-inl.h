// How the products of a group's columns are summed for many weight rows, where dot products of bytes, four to
// a lane of 32 bits, take any four columns of a vector of input: sixteen columns of it are loaded at once.
// The sums are those of dot_groups-inl.h, to the bit.
#include "engine/compute/cpu/simd/unroll.h"

namespace hearth::cpu {
namespace {

/// Adds the products of four columns, the four that are lane `lane` of every row's `x`, with kTilePanels
/// panels; then those of the lanes after it.
template <int lane, int inputs, class Panel>
inline void add_lanes(const Panel* panels, int first, const Bytes (&x)[inputs],
                      Ints (&to)[inputs][kTilePanels]) {
  if constexpr (lane < 4) {
    HEARTH_UNROLL
    for (int n = 0; n < kTilePanels; ++n) {
      const Bytes weights = load_bytes(panels[n].values[first + lane]);
      HEARTH_UNROLL
      for (int m = 0; m < inputs; ++m) to[m][n] = dot_lane<lane>(to[m][n], weights, x[m]);
    }
    add_lanes<lane + 1>(panels, first, x, to);
  }
}

/// Adds the products of a group's columns, from 4 * first on, of `inputs` rows of input with kTilePanels
/// panels.
template <class U, int inputs, class Panel>
inline void add_group(const Panel* panels, const InputChunk* x, int first, Ints (&to)[inputs][kTilePanels]) {
  HEARTH_UNROLL
  for (int k = 0; k < U::kGroup / 4; k += 4) {
    Bytes sixteen[inputs];
    HEARTH_UNROLL
    for (int m = 0; m < inputs; ++m) sixteen[m] = load_bytes(x[m].values + 4 * (first + k));
    add_lanes<0>(panels, first + k, sixteen, to);
  }
}

}  // namespace
}  // namespace hearth::cpu
