// How the products of a group's columns are summed for many weight rows, where the machine has dot products
// of bytes: four to a lane of 32 bits. pair_groups-inl.h is for machines that have none.
#include "engine/compute/cpu/simd/unroll.h"

namespace hearth::cpu {
namespace {

/// Adds the products of a group's columns, from 4 * first on, of `inputs` rows of input with kTilePanels
/// panels.
template <class U, int inputs, class Panel>
inline void add_group(const Panel* panels, const InputChunk* x, int first, Ints (&to)[inputs][kTilePanels]) {
  using Form = PanelForm<U::kSigned, U::kOffset>;
  HEARTH_UNROLL_STEPS
  for (int step = 0; step < U::kGroup / 4; ++step) {
    const int k = first + step;
    Bytes weights[kTilePanels];
    HEARTH_UNROLL
    for (int n = 0; n < kTilePanels; ++n) weights[n] = load_bytes(panels[n].values[k]);
    HEARTH_UNROLL
    for (int m = 0; m < inputs; ++m) {
      const Bytes four = splat_four_bytes(x[m].values + 4 * k);
      HEARTH_UNROLL
      for (int n = 0; n < kTilePanels; ++n) to[m][n] = dot<Form::kSigned>(to[m][n], weights[n], four);
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
