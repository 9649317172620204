// How the products of a group's columns are summed for many weight rows, where products are of 16 bits (plain
// SIMD of WebAssembly): bytes are widened as they are loaded, two weight rows to a vector, whose products of
// two columns are neighbours until the group ends. The sums are those of dot_groups-inl.h, to the bit.
#include "engine/compute/cpu/simd/unroll.h"

namespace hearth::cpu {
namespace {

/// Adds the products of a group's columns, from 4 * first on, of `inputs` rows of input with kTilePanels
/// panels.
template <class U, int inputs, class Panel>
inline void add_group(const Panel* panels, const InputChunk* x, int first, Ints (&to)[inputs][kTilePanels]) {
  Ints sums[inputs][kTilePanels][2] = {};
  HEARTH_UNROLL_STEPS
  for (int step = 0; step < U::kGroup / 4; ++step) {
    const int k = first + step;
    Bytes weights[kTilePanels][2];
    HEARTH_UNROLL
    for (int n = 0; n < kTilePanels; ++n) {
      weights[n][0] = wasm_i16x8_load8x8(panels[n].values[k]);
      weights[n][1] = wasm_i16x8_load8x8(panels[n].values[k] + 8);
    }
    HEARTH_UNROLL
    for (int m = 0; m < inputs; ++m) {
      const Bytes four = wasm_i16x8_extend_low_i8x16(splat_four_bytes(x[m].values + 4 * k));
      HEARTH_UNROLL
      for (int n = 0; n < kTilePanels; ++n) {
        HEARTH_UNROLL
        for (int half = 0; half < 2; ++half) {
          Ints& sum = sums[m][n][half];
          sum = add(sum, wasm_i32x4_dot_i16x8(weights[n][half], four));
          keep_order(sum);
        }
      }
    }
  }
  HEARTH_UNROLL
  for (int m = 0; m < inputs; ++m) {
    HEARTH_UNROLL
    for (int n = 0; n < kTilePanels; ++n) {
      to[m][n] = add(to[m][n], add_neighbours<INT32_MAX>(sums[m][n][0], sums[m][n][1]));
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
