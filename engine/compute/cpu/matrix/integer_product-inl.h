// Products of quantised weights with 8-bit activations, on vectors. Included once by each instruction set's
// kernels, after its vectors and unpack-inl.h.
//
// Two ways to the same bits. One output is always summed so: for each block of 32 columns in order, the exact
// integer sum of each group (the block, or its halves) times the group's scale, summed over the groups, times
// the input's scale, is added with one rounding; then the groups' biases times the input's sums likewise.
//   - Few rows of input: a strip of kLanes weight rows at a time is read where it lies. Each row's products
//     fill a vector, and a transposition turns sums over columns into lanes of rows.
//   - Many: the strip is first packed into a panel, columns in fours, rows in lanes, and every row of input
//     passes over it.
// Loops over a tile's registers must vanish, whatever the compiler's own measure says.
#if defined(__clang__)
#define HEARTH_UNROLL _Pragma("unroll")
#else
#define HEARTH_UNROLL _Pragma("GCC unroll 16")
#endif

namespace hearth::cpu {
namespace {

template <class U>
constexpr int kGroupsOf = kChunkColumns / U::kGroup;

/// The group that quad `position` of a chunk's vectors belongs to.
template <class U>
constexpr int group_of(int position) {
  return U::quad(position) * 16 / U::kGroup;
}

/// -128 * (sum of the input's values) in each group.
template <class U>
inline const int32_t* group_offsets(const InputChunk& x, const InputChunkSums& sums) {
  return U::kGroup == kInputBlock ? x.offsets : sums.group_offsets;
}

/// Adds the chunk's block `b` to `sum`; group_sum(g) and scale(g), bias(g) are vectors of rows.
template <class U, class GroupSum>
inline Floats add_block(Floats sum, int b, GroupSum group_sum, const float (*scales)[kLanes],
                        const float (*biases)[kLanes], const InputChunk& x, const InputChunkSums& sums) {
  constexpr int kGroups = kInputBlock / U::kGroup;
  const int first = b * kGroups;
  Floats products = multiply(load_floats(scales[first]), to_floats(group_sum(first)));
  if constexpr (kGroups == 2) {
    products = fused(load_floats(scales[first + 1]), to_floats(group_sum(first + 1)), products);
  }
  sum = fused(products, splat_floats(x.scales[b]), sum);
  if constexpr (U::kBias) {
    const float* input_sums = kGroups == 1 ? sums.block_sums : sums.group_sums;
    for (int g = first; g < first + kGroups; ++g) {
      sum = fused(load_floats(biases[g]), splat_floats(input_sums[g]), sum);
    }
  }
  return sum;
}

// Few rows.

/// Products of vector v of one row with x; of vectors v and v + 1 where these cover the halves of one group.
template <class U, int v, int step>
inline Ints row_products(const std::byte* row, const Bytes (&x)[step]) {
  Ints products = dot<U::kSigned>(zero_ints(), U::template values<v>(row), x[0]);
  if constexpr (step == 2) products = dot<U::kSigned>(products, U::template values<v + 1>(row), x[1]);
  return products;
}

/// Adds the products of vectors v to v + step - 1 of all rows to their groups' sums.
template <class U, int v, int step>
inline void add_products(const Strip& strip, const int8_t* x_values, Ints (&group_sums)[kGroupsOf<U>]) {
  Bytes x[step];
  for (int i = 0; i < step; ++i) {
    x[i] = load_pieces([=](int q) { return x_values + 16 * U::quad((v + i) * kQuads + q); });
  }
  Ints by_quad[kQuads];  // by_quad[q]: rows are lanes
  for (int i = 0; i < kQuads; ++i) {
    Ints a = row_products<U, v, step>(strip.rows[4 * i], x);
    Ints b = row_products<U, v, step>(strip.rows[4 * i + 1], x);
    Ints c = row_products<U, v, step>(strip.rows[4 * i + 2], x);
    Ints d = row_products<U, v, step>(strip.rows[4 * i + 3], x);
    // The transposition of transpose_in_quads(), adding halfway: a quad ends as the sums of four rows.
    const Ints ab = add(interleave_low(a, b), interleave_high(a, b));
    const Ints cd = add(interleave_low(c, d), interleave_high(c, d));
    by_quad[i] = add(interleave_low_pairs(ab, cd), interleave_high_pairs(ab, cd));
  }
  transpose_quads(by_quad);
  for (int q = 0; q < kQuads; ++q) {
    Ints& group_sum = group_sums[group_of<U>(v * kQuads + q)];
    group_sum = add(group_sum, by_quad[q]);
  }
}

template <class U, int v = 0>
inline void add_all_products(const Strip& strip, const int8_t* x, Ints (&group_sums)[kGroupsOf<U>]) {
  if constexpr (v < kChunkVectors) {
    constexpr bool kPaired = [] {
      for (int q = 0; q < kQuads; ++q) {
        if (v + 1 == kChunkVectors) return false;
        if (group_of<U>(v * kQuads + q) != group_of<U>((v + 1) * kQuads + q)) return false;
      }
      return true;
    }();
    constexpr int kStep = kPaired ? 2 : 1;
    add_products<U, v, kStep>(strip, x, group_sums);
    add_all_products<U, v + kStep>(strip, x, group_sums);
  }
}

/// `sum` plus the products of a chunk of a strip's rows with one row of input.
template <class U>
inline Floats add_strip(Floats sum, const Strip& strip, const InputChunk& x, const InputChunkSums& sums,
                        int blocks) {
  // What the weights are too large by, times the sum of the input.
  constexpr int kOffset = U::kSigned ? kSignedOffset : U::kOffset;
  Ints group_sums[kGroupsOf<U>];
  for (int g = 0; g < kGroupsOf<U>; ++g) {
    group_sums[g] = kOffset == 0 ? zero_ints() : splat_ints(group_offsets<U>(x, sums)[g] / 128 * kOffset);
  }
  add_all_products<U>(strip, x.values, group_sums);
  for (int b = 0; b < blocks; ++b) {
    sum = add_block<U>(
        sum, b, [&](int g) { return group_sums[g]; }, strip.scales, strip.biases, x, sums);
  }
  return sum;
}

// Many rows.

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

/// What a tile starts a group's sum with, so that it ends as that of the weights themselves.
template <int offset>
inline Ints initial_sum(int32_t input_offset) {
  if constexpr (offset == 0) return zero_ints();
  if constexpr (offset == 128) return splat_ints(input_offset);
  return splat_ints(input_offset / 128 * offset);
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

// The whole product.

/// Finds the rows of strips, chunk by chunk.
template <BlockType type>
class StripReader {
 public:
  explicit StripReader(const Product& product) : product_(product) {}

  /// Points `strip` at chunk `chunk` of kLanes rows from `first` on; past the last row it repeats that.
  void find(int64_t first, int64_t chunk, Strip& strip) {
    const int64_t last = product_.output_count - 1;
    for (int lane = 0; lane < kLanes; ++lane) {
      const int64_t row = first + lane < last ? first + lane : last;
      const std::byte* begin = product_.weight + row * product_.row_bytes + chunk * kChunkBytes;
      if (blocks(chunk) < kChunkBlocks) {
        // Not a whole chunk: kernels read whole chunks, so it moves to where nothing lies behind it.
        __builtin_memcpy(tail_[lane], begin, static_cast<size_t>(product_.row_bytes - chunk * kChunkBytes));
        begin = tail_[lane];
      }
      strip.rows[lane] = begin;
    }
  }

  /// Brings kLanes rows from `first` on nearer, an even part of them at each chunk: the rows are one run of
  /// memory, while a chunk of them is too scattered for the machine to see where it leads.
  void prefetch(int64_t first, int64_t chunk) const {
    const std::byte* begin = product_.weight + first * product_.row_bytes + chunk * kLanes * kChunkBytes;
    for (int64_t i = 0; i < kLanes * kChunkBytes; i += 64) __builtin_prefetch(begin + i, 0, 2);
  }

  /// Blocks of 32 columns in that chunk.
  int blocks(int64_t chunk) const {
    const int64_t columns = product_.columns - chunk * kChunkColumns;
    return columns < kChunkColumns ? static_cast<int>(columns / kInputBlock) : kChunkBlocks;
  }

 private:
  using D = Decoder<type>;
  static constexpr int64_t kChunkBytes = sizeof(typename D::Block) * (kChunkColumns / D::kElements);

  const Product& product_;
  std::byte tail_[kLanes][kChunkBytes] = {};
};

/// Up to kFewRows rows of input: packing costs about as much as two rows' products.
constexpr int64_t kFewRows = 2;

template <BlockType type>
void multiply_few(const Product& p) {
  using U = Unpacker<type>;
  StripReader<type> reader(p);
  Strip strip;
  typename U::State state;
  for (int64_t first = 0; first < p.output_count; first += kLanes) {
    Floats totals[kFewRows] = {zero_floats(), zero_floats()};
    for (int64_t chunk = 0; chunk < chunk_count(p.columns); ++chunk) {
      reader.prefetch(first + kLanes, chunk);
      reader.find(first, chunk, strip);
      U::begin(strip, state);
      for (int64_t r = 0; r < p.rows; ++r) {
        const int64_t place = chunk * p.rows + r;
        totals[r] = add_strip<U>(totals[r], strip, p.chunks[place], p.sums[place], reader.blocks(chunk));
      }
    }
    const int64_t count = p.output_count - first < kLanes ? p.output_count - first : kLanes;
    for (int64_t r = 0; r < p.rows; ++r) {
      store_first_floats(p.out + r * p.out_stride + first, totals[r], static_cast<int>(count));
    }
  }
}

struct PanelScratch {
  Panel panels[kPanels];
  float totals[kInputRows][kPanelRows];
};

/// Rows [first_row, first_row + rows) of the input with outputs [first, first + count), count <= kPanelRows.
template <BlockType type>
void multiply_panel(const Product& p, int64_t first, int64_t count, int64_t first_row, int64_t rows,
                    PanelScratch& scratch) {
  using U = Unpacker<type>;
  StripReader<type> reader(p);
  Strip strip;
  typename U::State state;
  // In whole tiles: rows past the last are repeated and not stored.
  constexpr int kTileRows = kTileVectors * kLanes;
  const int panel_count = static_cast<int>((count + kTileRows - 1) / kTileRows) * kTileVectors;
  __builtin_memset(scratch.totals, 0, static_cast<size_t>(rows) * sizeof scratch.totals[0]);
  for (int64_t chunk = 0; chunk < chunk_count(p.columns); ++chunk) {
    for (int n = 0; n < panel_count; ++n) {
      reader.find(first + n * kLanes, chunk, strip);
      U::begin(strip, state);
      pack_panel<U>(strip, scratch.panels[n]);
    }
    const int64_t place = chunk * p.rows + first_row;
    multiply_panels<U>(scratch.panels, panel_count, p.chunks + place, p.sums + place, rows,
                       reader.blocks(chunk), scratch.totals);
  }
  for (int64_t r = 0; r < rows; ++r) {
    __builtin_memcpy(p.out + (first_row + r) * p.out_stride + first, scratch.totals[r],
                     static_cast<size_t>(count) * sizeof(float));
  }
}

template <BlockType type>
void multiply_integer(const Product& p) {
  if (p.rows <= kFewRows) return multiply_few<type>(p);
  auto& scratch = *reinterpret_cast<PanelScratch*>(p.scratch);
  for (int64_t first = 0; first < p.output_count; first += kPanelRows) {
    const int64_t count = p.output_count - first < kPanelRows ? p.output_count - first : kPanelRows;
    for (int64_t row = 0; row < p.rows; row += kInputRows) {
      const int64_t rows = p.rows - row < kInputRows ? p.rows - row : kInputRows;
      multiply_panel<type>(p, first, count, row, rows, scratch);
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
