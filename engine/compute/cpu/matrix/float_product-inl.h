// Products of float weights with f32 activations, on vectors. Included once by each instruction set's
// kernels, after its vectors.
//
// One output is always summed so: columns in parts of kPartColumns; within a part, column i in lane i %
// kLanes with one rounding a step; then the lanes in the order of add_lane_sums(); then part after part. Few
// input rows meet the weights where they lie; for many, a part of kPanelRows weight rows is first converted
// to f32 in scratch.
namespace hearth::cpu {
namespace {

/// Rows of input that meet four rows of weights: as many sums as registers hold.
constexpr int kFloatTileInputs = kTileRows * kTileVectors / 4;

/// A tile's input (kFloatTileInputs x 2 KiB) then fills less than half of an L1 cache, and the 64 converted
/// weight rows (128 KiB) a part of an L2 cache; adding up the lanes costs a tenth of the products.
constexpr int64_t kPartColumns = 512;

struct F32Element {
  static constexpr int64_t kBytes = 4;
  static F32 read(const std::byte* from) { return load(reinterpret_cast<const float*>(from)); }
};

struct F16Element {
  static constexpr int64_t kBytes = 2;
  static F32 read(const std::byte* from) { return load(reinterpret_cast<const uint16_t*>(from)); }
};

struct BF16Element {
  static constexpr int64_t kBytes = 2;
  static F32 read(const std::byte* from) { return load_bf16(reinterpret_cast<const uint16_t*>(from)); }
};

/// The first `count` < kLanes elements, and zeros.
template <class Element>
inline F32 load_first(const std::byte* from, int64_t count) {
  std::byte padded[kLanes * Element::kBytes] = {};
  __builtin_memcpy(padded, from, static_cast<size_t>(count * Element::kBytes));
  return Element::read(padded);
}

/// to[0..3] += the sums of the lanes of a, b, c and d: of every fourth lane, then of those.
inline void add_lane_sums(F32 a, F32 b, F32 c, F32 d, float* to) {
  Ints ia = as_ints(a);
  Ints ib = as_ints(b);
  Ints ic = as_ints(c);
  Ints id = as_ints(d);
  const Ints ab = as_ints(as_f32(interleave_low(ia, ib)) + as_f32(interleave_high(ia, ib)));
  const Ints cd = as_ints(as_f32(interleave_low(ic, id)) + as_f32(interleave_high(ic, id)));
  add_fourths_to(to, as_f32(interleave_low_pairs(ab, cd)) + as_f32(interleave_high_pairs(ab, cd)));
}

/// to[m * to_stride + r] += the products of `columns` columns of 4 * quads weight rows with `inputs` rows of
/// x. Twelve sums or more are under way at once, the eight that two units of four cycles' latency need and
/// some; x[m] and a weight are in registers beside them.
template <class Element, int quads, int inputs>
void multiply_float_tile(const std::byte* const* weights, const float* x, int64_t x_stride, int64_t columns,
                         float* to, int64_t to_stride) {
  constexpr int rows = 4 * quads;
  F32 sums[inputs][rows];
  for (int m = 0; m < inputs; ++m) {
    for (int r = 0; r < rows; ++r) sums[m][r] = zero();
  }
  int64_t i = 0;
  for (; i + kLanes <= columns; i += kLanes) {
    F32 inputs_now[inputs];
    for (int m = 0; m < inputs; ++m) inputs_now[m] = load(x + m * x_stride + i);
    for (int r = 0; r < rows; ++r) {
      const F32 weight = Element::read(weights[r] + i * Element::kBytes);
      for (int m = 0; m < inputs; ++m) sums[m][r] = multiply_add(weight, inputs_now[m], sums[m][r]);
    }
  }
  if (i < columns) {
    for (int m = 0; m < inputs; ++m) {
      const F32 input =
          load_first<F32Element>(reinterpret_cast<const std::byte*>(x + m * x_stride + i), columns - i);
      for (int r = 0; r < rows; ++r) {
        const F32 weight = load_first<Element>(weights[r] + i * Element::kBytes, columns - i);
        sums[m][r] = multiply_add(weight, input, sums[m][r]);
      }
    }
  }
  for (int m = 0; m < inputs; ++m) {
    for (int r = 0; r < rows; r += 4) {
      add_lane_sums(sums[m][r], sums[m][r + 1], sums[m][r + 2], sums[m][r + 3], to + m * to_stride + r);
    }
  }
}

using FloatTile = void (*)(const std::byte* const*, const float*, int64_t, int64_t, float*, int64_t);

template <class Element, int inputs = kFloatTileInputs>
inline FloatTile find_float_tile(int64_t rows) {
  if constexpr (inputs > 1) {
    if (rows < inputs) return find_float_tile<Element, inputs - 1>(rows);
  }
  return multiply_float_tile<Element, 1, inputs>;
}

/// Up to so many rows of input converting weights costs more than it saves. Where a tile has no more than two
/// of them, a weight would be read too often.
constexpr int64_t kFewFloatRows = kFloatTileInputs > 2 ? 16 : kFewRows;

/// Weight rows that meet few rows of input side by side: enough for one row's sums to be eight.
constexpr int kRowsAtOnce = 8;

/// The products of weight rows [first, first + count) with input rows [row, row + rows).
template <class Element>
void multiply_float_rows(const Product& p, int64_t first, int64_t count, int64_t row, int64_t rows) {
  float totals[kFloatTileInputs][kRowsAtOnce] = {};
  for (int64_t column = 0; column < p.columns; column += kPartColumns) {
    const std::byte* weights[kRowsAtOnce];
    for (int64_t j = 0; j < kRowsAtOnce; ++j) {
      const int64_t weight_row = first + (j < count ? j : count - 1);
      weights[j] = p.weight + weight_row * p.row_bytes + column * Element::kBytes;
    }
    const int64_t columns = p.columns - column < kPartColumns ? p.columns - column : kPartColumns;
    const float* const x = p.x + row * p.columns + column;
    if (rows == 1) {
      multiply_float_tile<Element, kRowsAtOnce / 4, 1>(weights, x, 0, columns, totals[0], 0);
    } else {
      const FloatTile tile = find_float_tile<Element>(rows);
      tile(weights, x, p.columns, columns, totals[0], kRowsAtOnce);
      tile(weights + 4, x, p.columns, columns, totals[0] + 4, kRowsAtOnce);
    }
  }
  for (int64_t r = 0; r < rows; ++r) {
    __builtin_memcpy(p.out + (row + r) * p.out_stride + first, totals[r],
                     static_cast<size_t>(count) * sizeof(float));
  }
}

/// Few rows of input meet weights where they lie.
template <class Element>
void multiply_few_floats(const Product& p) {
  for (int64_t first = 0; first < p.output_count; first += kRowsAtOnce) {
    const int64_t left = p.output_count - first;
    const int64_t count = left < kRowsAtOnce ? left : kRowsAtOnce;
    for (int64_t row = 0; row < p.rows; row += kFloatTileInputs) {
      const int64_t rows = p.rows - row < kFloatTileInputs ? p.rows - row : kFloatTileInputs;
      multiply_float_rows<Element>(p, first, count, row, rows);
    }
  }
}

struct FloatScratch {
  float weights[kPanelRows][kPartColumns];
  float totals[kInputRows][kPanelRows];
};

/// Converts a part of the weight rows [first, first + count).
template <class Element>
void convert_part(const Product& p, int64_t first, int64_t count, int64_t column, int64_t columns,
                  FloatScratch& scratch) {
  for (int64_t j = 0; j < count; ++j) {
    const std::byte* from = p.weight + (first + j) * p.row_bytes + column * Element::kBytes;
    int64_t i = 0;
    for (; i + kLanes <= columns; i += kLanes) {
      store(scratch.weights[j] + i, Element::read(from + i * Element::kBytes));
    }
    if (i < columns) {
      store(scratch.weights[j] + i, load_first<Element>(from + i * Element::kBytes, columns - i));
    }
  }
}

/// Rows [first_row, first_row + rows) of the input with outputs [first, first + count), count <= kPanelRows.
template <class Element>
void multiply_float_panel(const Product& p, int64_t first, int64_t count, int64_t first_row, int64_t rows,
                          FloatScratch& scratch) {
  __builtin_memset(scratch.totals, 0, static_cast<size_t>(rows) * sizeof scratch.totals[0]);
  for (int64_t column = 0; column < p.columns; column += kPartColumns) {
    const int64_t columns = p.columns - column < kPartColumns ? p.columns - column : kPartColumns;
    convert_part<Element>(p, first, count, column, columns, scratch);
    for (int64_t row = 0; row < rows; row += kFloatTileInputs) {
      const FloatTile tile = find_float_tile<F32Element>(rows - row);
      const float* x = p.x + (first_row + row) * p.columns + column;
      for (int64_t j = 0; j < count; j += 4) {
        const std::byte* weights[4];
        for (int64_t r = 0; r < 4; ++r) {
          weights[r] = reinterpret_cast<const std::byte*>(scratch.weights[j + r < count ? j + r : count - 1]);
        }
        tile(weights, x, p.columns, columns, scratch.totals[row] + j, kPanelRows);
      }
    }
  }
  for (int64_t r = 0; r < rows; ++r) {
    __builtin_memcpy(p.out + (first_row + r) * p.out_stride + first, scratch.totals[r],
                     static_cast<size_t>(count) * sizeof(float));
  }
}

constexpr int64_t kScratchBytes = sizeof(FloatScratch) > sizeof(PanelScratch) ? sizeof(FloatScratch)
                                                                              : sizeof(PanelScratch);

template <class Element>
void multiply_float(const Product& p) {
  if (p.rows <= kFewFloatRows) return multiply_few_floats<Element>(p);
  auto& scratch = *reinterpret_cast<FloatScratch*>(p.scratch);
  for (int64_t first = 0; first < p.output_count; first += kPanelRows) {
    const int64_t count = p.output_count - first < kPanelRows ? p.output_count - first : kPanelRows;
    for (int64_t row = 0; row < p.rows; row += kInputRows) {
      const int64_t rows = p.rows - row < kInputRows ? p.rows - row : kInputRows;
      multiply_float_panel<Element>(p, first, count, row, rows, scratch);
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
