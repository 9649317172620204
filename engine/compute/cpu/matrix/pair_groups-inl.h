// How the products of a group's columns are summed for many weight rows, where no instruction makes dot
// products of bytes (x86 without VNNI, and what Chromium makes of relaxed SIMD there): products of pairs are
// one instruction, and several of them fit 16 bits before they must be widened. The sums are those of
// dot_groups-inl.h, to the bit.
#include <bit>

#include "engine/compute/cpu/simd/unroll.h"

namespace hearth::cpu {
namespace {

/// How many pair_products() 16 bits hold: of any signed bytes one.
template <class U>
constexpr int kPairsHeld = U::kLargest == kLargestByte ? 1 : INT16_MAX / (2 * 127 * U::kLargest);

/// Of a group's fours of columns, those whose pairs are summed before they are widened.
template <class U>
constexpr int kFoursHeld = kPairsHeld<U> < U::kGroup / 4
                               ? static_cast<int>(std::bit_floor(unsigned{kPairsHeld<U>}))
                               : U::kGroup / 4;

/// Adds the products of a group's columns, from 4 * first on, of `inputs` rows of input with kTilePanels
/// panels.
template <class U, int inputs, class Panel>
inline void add_group(const Panel* panels, const InputChunk* x, int first, Ints (&to)[inputs][kTilePanels]) {
  constexpr int kHeld = kFoursHeld<U>;
  HEARTH_UNROLL_TWICE
  for (int held = first; held < first + U::kGroup / 4; held += kHeld) {
    Shorts pairs[inputs][kTilePanels] = {};
    HEARTH_UNROLL_STEPS
    for (int k = held; k < held + kHeld; ++k) {
      Bytes weights[kTilePanels];
      HEARTH_UNROLL
      for (int n = 0; n < kTilePanels; ++n) weights[n] = load_bytes(panels[n].values[k]);
      HEARTH_UNROLL
      for (int m = 0; m < inputs; ++m) {
        const Bytes four = splat_four_bytes(x[m].values + 4 * k);
        HEARTH_UNROLL
        for (int n = 0; n < kTilePanels; ++n) {
          pairs[m][n] = add_shorts(pairs[m][n], pair_products<U::kSigned>(weights[n], four));
          keep_order(pairs[m][n]);
        }
      }
    }
    HEARTH_UNROLL
    for (int m = 0; m < inputs; ++m) {
      HEARTH_UNROLL
      for (int n = 0; n < kTilePanels; ++n) to[m][n] = add(to[m][n], widen(pairs[m][n]));
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
