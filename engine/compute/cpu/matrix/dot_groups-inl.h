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

/// Adds the products of fours [first, end) of a period's columns with `rows` rows of input; x is the first
/// row's.
template <class U, int rows, int first, int end>
inline void add_fours(const PeriodWords<U>& words, const int8_t* x, Ints (&to)[rows]) {
  using Form = PanelForm<U::kSigned, U::kOffset>;
  if constexpr (first < end) {
    const Bytes weights = Form::pack(U::template columns<first / 4, first % 4>(words));
    HEARTH_UNROLL
    for (int r = 0; r < rows; ++r) {
      const Bytes four = splat_four_bytes(x + r * sizeof(InputChunk) + 4 * first);
      to[r] = dot<Form::kSigned>(to[r], weights, four);
    }
    add_fours<U, rows, first + 1, end>(words, x, to);
  }
}

}  // namespace
}  // namespace hearth::cpu
