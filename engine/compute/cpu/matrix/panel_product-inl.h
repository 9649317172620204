// The product of packed panels of weight rows with many rows of input (integer_product-inl.h). In a panel
// columns come in fours and rows are lanes, so that one instruction multiplies four columns of all its rows.
//
// What is not a dot product is kept short, as it takes the same units. A group's integers are summed from
// kShiftBits on, so that the sum's bits are those of the float kShift + sum: converting it to a float and
// multiplying with its scale then is one operation, multiply_add(kShift + sum, scale, -kShift * scale). That
// is rounded once, like the product itself, as -kShift * scale is exact: scales have 22 significant bits at
// most.
namespace hearth::cpu {
namespace {

/// Weight rows packed at a time: their panels (at most 64 x 384 bytes, mostly less) share the L1 cache with a
/// tile's input.
constexpr int kPanelRows = 64;
constexpr int kPanels = kPanelRows / kLanes;

/// Input rows that pass over a panel before the next is packed; their totals stay in the L2 cache.
constexpr int64_t kInputRows = 768;

/// Brings weights that are packed later into the L2 cache while others are multiplied, where packing would
/// wait for memory longer than it works. What it asks for past the last weight is not there, which does no
/// harm.
class Lookahead {
 public:
  /// kPanelRows pieces of `bytes` bytes, `stride` bytes apart, in even parts at `calls` calls.
  Lookahead(const std::byte* weight, int64_t stride, int64_t bytes, int64_t calls)
      : piece_(weight), stride_(stride), bytes_(bytes), calls_(calls) {}

  void fetch() {
    for (due_ += kPanelRows; due_ >= calls_; due_ -= calls_) {
      for (int64_t i = 0; i < bytes_; i += 64) __builtin_prefetch(piece_ + i, 0, 2);
      piece_ += stride_;
    }
  }

 private:
  const std::byte* piece_;
  int64_t stride_, bytes_;
  int64_t calls_;
  int64_t due_ = 0;  // pieces times calls_
};

/// A chunk of kLanes weight rows: element [k][row] of `values` is columns 4k to 4k + 3 of the row, unless
/// order_for_panel() says otherwise.
struct alignas(64) Panel {
  int8_t values[kChunkColumns / 4][4 * kLanes];
  float scales[kChunkGroups][kLanes];
  float shifts[kChunkGroups][kLanes];  // -kShift * scales
  float biases[kChunkGroups][kLanes];
};

/// Fetches `lines` cache lines from `ahead` on meanwhile.
template <class U, int lines, int v = 0>
inline void pack_values(const Strip& strip, const std::byte* ahead, Panel& panel) {
  using Form = PanelForm<U::kSigned, U::kOffset>;
  if constexpr (v < kChunkVectors) {
    // columns[c][i]: first four rows 4i to 4i + 3, quad by quad; then, quads transposed too, all rows.
    Ints columns[4][kQuads];
    for (int i = 0; i < kQuads; ++i) {
      const int part = v * kQuads + i;
      for (int line = part * lines / kChunkQuads; line < (part + 1) * lines / kChunkQuads; ++line) {
        __builtin_prefetch(ahead + line * 64, 0, 2);
      }
      Ints rows[4];
      for (int r = 0; r < 4; ++r) rows[r] = Form::pack(U::template values<v>(strip.row(4 * i + r)));
      order_for_panel(rows);
      for (int c = 0; c < 4; ++c) columns[c][i] = rows[c];
    }
    for (int c = 0; c < 4; ++c) {
      transpose_quads(columns[c]);
      for (int q = 0; q < kQuads; ++q) {
        store_bytes(panel.values[4 * U::quad(v * kQuads + q) + c], columns[c][q]);
      }
    }
    pack_values<U, lines, v + 1>(strip, ahead, panel);
  }
}

template <class U, int lines>
void pack_panel(const Strip& strip, const std::byte* ahead, Panel& panel) {
  pack_values<U, lines>(strip, ahead, panel);
  for (int g = 0; g < kGroupsOf<U>; ++g) {
    const F32 scales = load(strip.scales[g]);
    store(panel.scales[g], scales);
    store(panel.shifts[g], scales * broadcast(-kShift));
    if constexpr (U::kBias) store(panel.biases[g], load(strip.biases[g]));
  }
}

// WebAssembly has no operation that is sure to be rounded once, so there sums begin at 0 and are converted.
#if defined(__wasm__)
constexpr int32_t kFirstSum = 0;
inline F32 scale_sums(Ints sums, F32 scales, F32 /*shifts*/) { return to_f32(sums) * scales; }
#else
constexpr int32_t kFirstSum = kShiftBits;
inline F32 scale_sums(Ints sums, F32 scales, F32 shifts) {
  return multiply_add(as_f32(sums), scales, shifts);
}
#endif

/// What a tile starts group g's sum with, so that it ends as kFirstSum plus that of the weights themselves:
/// kFirstSum - offset * the sum of the group's input, from the kShiftBits - 128 times it that the input
/// holds.
template <class U, int offset>
inline Ints initial_sum(const InputChunk& x, const InputChunkSums& sums, int g) {
  [[maybe_unused]] const int32_t input_offset = group_offsets<U>(x, sums)[g];
  if constexpr (offset == 0) {
    return splat_ints(kFirstSum + first_sum<U>(sums, g));
  } else if constexpr (offset == 128 && kFirstSum == kShiftBits) {
    return splat_ints(input_offset);
  } else {
    constexpr int kRatio = 7 - log2_of(offset);
    return add(shift_right_signed<kRatio>(splat_ints(input_offset)),
               splat_ints(kFirstSum - (kShiftBits >> kRatio)));
  }
}

/// The sums of group g of a chunk plus kFirstSum: `inputs` rows of input with kTilePanels panels.
template <class U, int inputs>
inline void sum_group(const Panel* panels, const InputChunk* x, const InputChunkSums* sums, int g,
                      Ints (&to)[inputs][kTilePanels]) {
  using Form = PanelForm<U::kSigned, U::kOffset>;
  constexpr int kSteps = U::kGroup / 4;
  HEARTH_UNROLL
  for (int m = 0; m < inputs; ++m) {
    HEARTH_UNROLL
    for (int n = 0; n < kTilePanels; ++n) {
      to[m][n] = initial_sum<U, Form::kOffset>(x[m], sums[m], g);
    }
  }
  add_group<U>(panels, x, g * kSteps, to);
}

/// A tile brings the input of the tile below it near, which may have to come from the L3 cache: so many lines
/// for each of its groups.
template <class U>
constexpr int kLinesAhead = (kTileInputs * static_cast<int>(sizeof(InputChunk)) / 64 - 1) /
                            (kPanels / kTilePanels * kGroupsOf<U>)+1;

/// Where a tile's totals so far are and where they go, [row][output]; rows are `..._stride` floats apart.
struct Totals {
  const float* from;
  int64_t from_stride;
  float* to;
  int64_t to_stride;

  Totals at(int64_t row, int64_t output) const {
    return {from + row * from_stride + output, from_stride, to + row * to_stride + output, to_stride};
  }
};

/// Adds the products of a chunk to the totals. Fetches kLinesAhead cache lines from `ahead` on per group.
template <class U, int inputs>
void multiply_tile(const Panel* panels, const InputChunk* x, const InputChunkSums* sums, int blocks,
                   const Totals& totals, const std::byte* ahead) {
  constexpr int kGroups = kInputBlock / U::kGroup;
  F32 sum[inputs][kTilePanels];
  HEARTH_UNROLL
  for (int m = 0; m < inputs; ++m) {
    HEARTH_UNROLL
    for (int n = 0; n < kTilePanels; ++n) {
      sum[m][n] = load(totals.from + m * totals.from_stride + n * kLanes);
    }
  }
  for (int g = 0; g < blocks * kGroups; ++g) {
    for (int i = 0; i < kLinesAhead<U>; ++i) __builtin_prefetch(ahead + (g * kLinesAhead<U> + i) * 64);
    Ints group_sums[inputs][kTilePanels];
    sum_group<U>(panels, x, sums, g, group_sums);
    HEARTH_UNROLL
    for (int m = 0; m < inputs; ++m) {
      const F32 scale = broadcast(x[m].scales[g / kGroups]);
      HEARTH_UNROLL
      for (int n = 0; n < kTilePanels; ++n) {
        const F32 products =
            scale_sums(group_sums[m][n], load(panels[n].scales[g]), load(panels[n].shifts[g]));
        sum[m][n] = multiply_add(products, scale, sum[m][n]);
      }
    }
    if constexpr (U::kBias) {
      HEARTH_UNROLL
      for (int m = 0; m < inputs; ++m) {
        const F32 input_sum = broadcast(kGroups == 1 ? sums[m].block_sums[g] : sums[m].group_sums[g]);
        HEARTH_UNROLL
        for (int n = 0; n < kTilePanels; ++n) {
          sum[m][n] = multiply_add(load(panels[n].biases[g]), input_sum, sum[m][n]);
        }
      }
    }
  }
  HEARTH_UNROLL
  for (int m = 0; m < inputs; ++m) {
    HEARTH_UNROLL
    for (int n = 0; n < kTilePanels; ++n) {
      store(totals.to + m * totals.to_stride + n * kLanes, sum[m][n]);
    }
  }
}

template <class U>
using Tile = void (*)(const Panel*, const InputChunk*, const InputChunkSums*, int, const Totals&,
                      const std::byte*);

/// The tile of that many rows, 1 to kTileInputs.
template <class U, int inputs = kTileInputs>
inline Tile<U> find_tile(int64_t rows) {
  if constexpr (inputs > 1) {
    if (rows < inputs) return find_tile<U, inputs - 1>(rows);
  }
  return multiply_tile<U, inputs>;
}

/// Passes rows [0, rows) of a chunk's input over the panels, calling before_tile() before each tile.
template <class U, class BeforeTile>
void multiply_panels(const Panel* panels, int panel_count, const InputChunk* x, const InputChunkSums* sums,
                     int64_t rows, int blocks, const Totals& totals, BeforeTile before_tile) {
  for (int64_t row = 0; row < rows; row += kTileInputs) {
    const Tile<U> tile = find_tile<U>(rows - row);
    const auto* ahead = reinterpret_cast<const std::byte*>(x + row + kTileInputs);
    for (int n = 0; n < panel_count; n += kTilePanels) {
      before_tile();
      tile(panels + n, x + row, sums + row, blocks, totals.at(row, n * kLanes), ahead);
      ahead += kLinesAhead<U> * kGroupsOf<U> * 64;
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
