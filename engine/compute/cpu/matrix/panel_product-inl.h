// The product of packed panels of weight rows with many rows of input (integer_product-inl.h). In a panel
// columns come in fours and rows are lanes, so that one instruction multiplies four columns of all its rows.
// Loops over a tile's registers must vanish, whatever the compiler's own measure says.
#if defined(__clang__)
#define HEARTH_UNROLL _Pragma("unroll")
#else
#define HEARTH_UNROLL _Pragma("GCC unroll 16")
#endif

namespace hearth::cpu {
namespace {

/// Weight rows packed at a time: their panels (at most 64 x 384 bytes, mostly less) share the L1 cache with a
/// tile's input.
constexpr int kPanelRows = 64;
constexpr int kPanels = kPanelRows / kLanes;

/// Input rows that pass over a panel before the next is packed; their totals stay in the L2 cache.
constexpr int64_t kInputRows = 768;

/// A chunk of kLanes weight rows: element [k][row] of `values` is columns 4k to 4k + 3 of the row.
struct alignas(64) Panel {
  int8_t values[kChunkColumns / 4][4 * kLanes];
  float scales[kChunkGroups][kLanes];
  float biases[kChunkGroups][kLanes];
};

template <class U, int v = 0>
inline void pack_values(const Strip& strip, Panel& panel) {
  using Form = PanelForm<U::kSigned, U::kOffset>;
  if constexpr (v < kChunkVectors) {
    // columns[c][i]: first four rows 4i to 4i + 3, quad by quad; then, quads transposed too, all rows.
    Ints columns[4][kQuads];
    for (int i = 0; i < kQuads; ++i) {
      Ints rows[4];
      for (int r = 0; r < 4; ++r) rows[r] = Form::pack(U::template values<v>(strip.rows[4 * i + r]));
      transpose_in_quads(rows[0], rows[1], rows[2], rows[3]);
      for (int c = 0; c < 4; ++c) columns[c][i] = rows[c];
    }
    for (int c = 0; c < 4; ++c) {
      transpose_quads(columns[c]);
      for (int q = 0; q < kQuads; ++q) {
        store_bytes(panel.values[4 * U::quad(v * kQuads + q) + c], columns[c][q]);
      }
    }
    pack_values<U, v + 1>(strip, panel);
  }
}

template <class U>
void pack_panel(const Strip& strip, Panel& panel) {
  pack_values<U>(strip, panel);
  for (int g = 0; g < kGroupsOf<U>; ++g) {
    store_floats(panel.scales[g], load_floats(strip.scales[g]));
    if constexpr (U::kBias) store_floats(panel.biases[g], load_floats(strip.biases[g]));
  }
}

constexpr int log2_of(int power_of_two) { return power_of_two == 1 ? 0 : 1 + log2_of(power_of_two / 2); }

/// What a tile starts a group's sum with, so that it ends as that of the weights themselves: -offset * the
/// sum of the group's input, from the -128 times it that the input holds.
template <int offset>
inline Ints initial_sum(int32_t input_offset) {
  if constexpr (offset == 0) {
    return zero_ints();
  } else {
    return shift_right_signed<7 - log2_of(offset)>(splat_ints(input_offset));
  }
}

/// The sums of group g of a chunk: `inputs` rows of input with kTileVectors panels side by side.
template <class U, int inputs>
inline void sum_group(const Panel* panels, const InputChunk* x, const InputChunkSums* sums, int g,
                      Ints (&to)[inputs][kTileVectors]) {
  using Form = PanelForm<U::kSigned, U::kOffset>;
  constexpr int kSteps = U::kGroup / 4;
  HEARTH_UNROLL
  for (int m = 0; m < inputs; ++m) {
    HEARTH_UNROLL
    for (int n = 0; n < kTileVectors; ++n) {
      to[m][n] = initial_sum<Form::kOffset>(group_offsets<U>(x[m], sums[m])[g]);
    }
  }
  HEARTH_UNROLL
  for (int step = 0; step < kSteps; ++step) {
    const int k = g * kSteps + step;
    Bytes weights[kTileVectors];
    HEARTH_UNROLL
    for (int n = 0; n < kTileVectors; ++n) weights[n] = load_bytes(panels[n].values[k]);
    HEARTH_UNROLL
    for (int m = 0; m < inputs; ++m) {
      const Bytes four = splat_four_bytes(x[m].values + 4 * k);
      HEARTH_UNROLL
      for (int n = 0; n < kTileVectors; ++n) to[m][n] = dot<Form::kSigned>(to[m][n], weights[n], four);
    }
  }
}

/// to[m] += the products of a chunk.
template <class U, int inputs>
void multiply_tile(const Panel* panels, const InputChunk* x, const InputChunkSums* sums, int blocks,
                   float (*to)[kPanelRows]) {
  constexpr int kGroups = kInputBlock / U::kGroup;
  Floats totals[inputs][kTileVectors];
  HEARTH_UNROLL
  for (int m = 0; m < inputs; ++m) {
    HEARTH_UNROLL
    for (int n = 0; n < kTileVectors; ++n) totals[m][n] = load_floats(to[m] + n * kLanes);
  }
  for (int b = 0; b < blocks; ++b) {
    const int g = b * kGroups;
    Ints group_sums[inputs][kTileVectors];
    Floats products[inputs][kTileVectors];
    sum_group<U>(panels, x, sums, g, group_sums);
    HEARTH_UNROLL
    for (int m = 0; m < inputs; ++m) {
      HEARTH_UNROLL
      for (int n = 0; n < kTileVectors; ++n) {
        products[m][n] = multiply(load_floats(panels[n].scales[g]), to_floats(group_sums[m][n]));
      }
    }
    if constexpr (kGroups == 2) {
      sum_group<U>(panels, x, sums, g + 1, group_sums);
      HEARTH_UNROLL
      for (int m = 0; m < inputs; ++m) {
        HEARTH_UNROLL
        for (int n = 0; n < kTileVectors; ++n) {
          products[m][n] =
              fused(load_floats(panels[n].scales[g + 1]), to_floats(group_sums[m][n]), products[m][n]);
        }
      }
    }
    HEARTH_UNROLL
    for (int m = 0; m < inputs; ++m) {
      const Floats scale = splat_floats(x[m].scales[b]);
      HEARTH_UNROLL
      for (int n = 0; n < kTileVectors; ++n) totals[m][n] = fused(products[m][n], scale, totals[m][n]);
    }
    if constexpr (U::kBias) {
      for (int i = g; i < g + kGroups; ++i) {
        HEARTH_UNROLL
        for (int m = 0; m < inputs; ++m) {
          const Floats input_sum = splat_floats(kGroups == 1 ? sums[m].block_sums[i] : sums[m].group_sums[i]);
          HEARTH_UNROLL
          for (int n = 0; n < kTileVectors; ++n) {
            totals[m][n] = fused(load_floats(panels[n].biases[i]), input_sum, totals[m][n]);
          }
        }
      }
    }
  }
  HEARTH_UNROLL
  for (int m = 0; m < inputs; ++m) {
    HEARTH_UNROLL
    for (int n = 0; n < kTileVectors; ++n) store_floats(to[m] + n * kLanes, totals[m][n]);
  }
}

template <class U>
using Tile = void (*)(const Panel*, const InputChunk*, const InputChunkSums*, int, float (*)[kPanelRows]);

/// The tile of that many rows, 1 to kTileInputs.
template <class U, int inputs = kTileInputs>
inline Tile<U> find_tile(int64_t rows) {
  if constexpr (inputs > 1) {
    if (rows < inputs) return find_tile<U, inputs - 1>(rows);
  }
  return multiply_tile<U, inputs>;
}

/// Passes rows [0, rows) of a chunk's input over the panels.
template <class U>
void multiply_panels(const Panel* panels, int panel_count, const InputChunk* x, const InputChunkSums* sums,
                     int64_t rows, int blocks, float (*to)[kPanelRows]) {
  for (int64_t row = 0; row < rows; row += kTileInputs) {
    const Tile<U> tile = find_tile<U>(rows - row);
    for (int n = 0; n < panel_count; n += kTileVectors) {
      tile(panels + n, x + row, sums + row, blocks,
           reinterpret_cast<float(*)[kPanelRows]>(to[row] + n * kLanes));
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
