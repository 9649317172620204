// Products of quantised weights with 8-bit activations, on vectors. Included once by each instruction set's
// kernels: see product_kernels-inl.h.
//
// Several ways to the same bits. One output is always summed so: for each block of 32 columns in order, the
// exact integer sum of each group (the block, or its halves) times the group's scale, summed over the groups,
// times the input's scale, is added with one rounding; then the groups' biases times the input's sums
// likewise.
//   - Few rows of input (strip_product-inl.h; where vectors are one quad strip_periods-inl.h): a strip of
//     kLanes weight rows at a time is read where it lies.
//   - Up to four, of types that allow it (pieces_product-inl.h): likewise, two weight rows to a vector.
//   - Up to eight, of types that allow it (columns_product-inl.h): the strip is transposed in registers, and
//     all rows pass over it there.
//   - Many (panel_product-inl.h): the strip is first packed into a panel, and all rows pass over it.
namespace hearth::cpu {
namespace {

/// Up to kFewRows rows of input: packing costs about as much as two rows' products.
constexpr int kFewRows = 2;

/// The product of up to `most` rows of input from `first_row` on; where sums are made by periods, of so many.
template <BlockType type, int most>
void multiply_few_from(const Product& p, int64_t first_row) {
  using U = Unpacker<type>;
  constexpr int kLines = StripReader<type>::kChunkBytes * kLanes / 64;
  constexpr bool kEndsWithin = Decoder<type>::kElements < kChunkColumns;
  const int64_t chunks = chunk_count(p.columns);
  const int64_t rows = p.rows - first_row < most ? p.rows - first_row : most;
  StripReader<type> reader(p);
  Strip strip;
  DecodedStrip<U> decoded;
  for (int64_t first = 0; first < p.output_count; first += kLanes) {
    F32 totals[most];
    HEARTH_UNROLL
    for (int r = 0; r < most; ++r) totals[r] = zero();
    for (int64_t chunk = 0; chunk < chunks; ++chunk) {
      reader.find(first, chunk, strip);
      begin_strip<type>(strip, decoded);
      if constexpr (kQuads == 1) {
        const int64_t place = chunk * p.rows + first_row;
        add_strip_by_periods<U, kLines, kEndsWithin>(strip, p.chunks + place, p.sums + place,
                                                     reader.blocks(chunk), totals);
      } else {
        for (int64_t r = 0; r < rows; ++r) {
          const int64_t place = chunk * p.rows + first_row + r;
          totals[r] = add_strip<U, kLines, kEndsWithin>(totals[r], strip, p.chunks[place], p.sums[place],
                                                        reader.blocks(chunk));
        }
      }
    }
    const int64_t count = p.output_count - first < kLanes ? p.output_count - first : kLanes;
    for (int64_t r = 0; r < rows; ++r) {
      store_partial(p.out + (first_row + r) * p.out_stride + first, totals[r], count);
    }
  }
}

template <BlockType type>
void multiply_few(const Product& p) {
  if constexpr (kQuads > 1) {
    multiply_few_from<type, kFewRows>(p, 0);
  } else if (p.rows == kRowsTogether) {
    multiply_few_from<type, kRowsTogether>(p, 0);
  } else {
    for (int64_t r = 0; r < p.rows; ++r) multiply_few_from<type, 1>(p, r);
  }
}

static_assert(kMostColumnRows / 2 <= kSpareRows + 1);

/// The product of up to `rows` rows of input with types that give columns. What it computes of rows past the
/// last (kSpareRows) is not stored.
template <BlockType type, int rows>
void multiply_columns(const Product& p) {
  using U = Unpacker<type>;
  constexpr int kLines = StripReader<type>::kChunkBytes * kLanes / 64;
  StripReader<type> reader(p);
  Strip strip;
  DecodedStrip<U> decoded;
  for (int64_t first = 0; first < p.output_count; first += kLanes) {
    F32 totals[rows];
    HEARTH_UNROLL
    for (int r = 0; r < rows; ++r) totals[r] = zero();
    for (int64_t chunk = 0; chunk < chunk_count(p.columns); ++chunk) {
      reader.find(first, chunk, strip);
      begin_strip<type>(strip, decoded);
      const int64_t place = chunk * p.rows;
      add_columns<U, rows, kLines>(strip, {p.chunks + place, p.sums + place}, reader.blocks(chunk), totals);
    }
    const int64_t count = p.output_count - first < kLanes ? p.output_count - first : kLanes;
    HEARTH_UNROLL
    for (int r = 0; r < rows; ++r) {
      if (r < p.rows) store_partial(p.out + r * p.out_stride + first, totals[r], count);
    }
  }
}

/// Up to so many rows pass over a panel in less time than the next takes to arrive. Narrower vectors have
/// time enough for any.
constexpr int64_t kHastyRows = kQuads == 4 ? 16 : 0;

/// The part of a panel's lines that is fetched while panels are packed, when rows are few; tiles fetch the
/// rest. A core asks for no more than some lines at a time, so both must: measured on a Zen 5 with 4 and 8
/// rows, 3/8 is 1.2 to 1.7 times as fast as none or all.
constexpr int kLinesPacking = 3;
constexpr int kLinesInAll = 8;

struct PanelScratch {
  Panel panels[kPanels];
  float totals[kInputRows][kPanelRows];
};

/// What is read ahead of a chunk of kPanelRows weight rows, of which kLines to a panel by packing.
/// Where many rows of input pass over it, that is the chunk that is packed next. Where they are few, there is
/// no time for that: it is an even part of the next kPanelRows rows, one run of memory.
template <BlockType type>
struct PanelAhead {
  static constexpr int64_t kChunkBytes = StripReader<type>::kChunkBytes;
  static constexpr int kLines =
      kHastyRows == 0 ? 0 : static_cast<int>(kChunkBytes * kLanes / 64) * kLinesPacking / kLinesInAll;
  static constexpr int64_t kRest = kChunkBytes - kLines * 64 / kLanes;

  PanelAhead(const Product& p, int64_t first, int64_t chunk, int64_t rows) : is_hasty(rows <= kHastyRows) {
    const bool is_last = chunk + 1 == chunk_count(p.columns);
    const std::byte* const behind = p.weight + (first + kPanelRows) * p.row_bytes;
    run = behind + chunk * kPanelRows * kChunkBytes;
    next = is_last ? behind : p.weight + first * p.row_bytes + (chunk + 1) * kChunkBytes;
    stride = p.row_bytes;
  }
  /// For the tiles.
  Lookahead lookahead(int64_t tiles) const {
    if (is_hasty) return {run + kPanels * kLines * 64, kRest, kRest, tiles};
    return {next, stride, kChunkBytes + 63, tiles};  // a piece may begin anywhere in a line
  }
  /// There is one way to pack, which is as much code as all the rest of a type: it fetches nothing where it
  /// is not to fetch what comes next.
  template <class U>
  void pack(const Strip& strip, int n, Panel& panel) const {
    pack_panel<U, kLines>(strip, is_hasty ? run + n * kLines * 64 : kNothing, panel);
  }

  bool is_hasty;
  const std::byte* run;
  const std::byte* next;
  int64_t stride;
};

/// Rows [first_row, first_row + rows) of the input with outputs [first, first + count), count <= kPanelRows.
template <BlockType type>
void multiply_panel(const Product& p, int64_t first, int64_t count, int64_t first_row, int64_t rows,
                    PanelScratch& scratch) {
  using U = Unpacker<type>;
  StripReader<type> reader(p);
  Strip strip;
  DecodedStrip<U> decoded;
  // In whole tiles: rows past the last are repeated and not stored.
  constexpr int kTileOutputs = kTilePanels * kLanes;
  const int panel_count = static_cast<int>((count + kTileOutputs - 1) / kTileOutputs) * kTilePanels;
  const int64_t tiles = (rows + kTileInputs - 1) / kTileInputs * (panel_count / kTilePanels);
  constexpr float kZeros[kPanelRows] = {};
  Totals totals{kZeros, 0, scratch.totals[0], kPanelRows};
  for (int64_t chunk = 0; chunk < chunk_count(p.columns); ++chunk) {
    const PanelAhead<type> ahead(p, first, chunk, rows);
    for (int n = 0; n < panel_count; ++n) {
      reader.find(first + n * kLanes, chunk, strip);
      begin_strip<type>(strip, decoded);
      ahead.template pack<U>(strip, n, scratch.panels[n]);
    }
    const int64_t place = chunk * p.rows + first_row;
    if (chunk + 1 == chunk_count(p.columns) && count == kPanelRows) {
      totals.to = p.out + first_row * p.out_stride + first;
      totals.to_stride = p.out_stride;
    }
    Lookahead lookahead = ahead.lookahead(tiles);
    multiply_panels<U>(scratch.panels, panel_count, p.chunks + place, p.sums + place, rows,
                       reader.blocks(chunk), totals, [&] { lookahead.fetch(); });
    totals.from = scratch.totals[0];
    totals.from_stride = kPanelRows;
  }
  for (int64_t r = 0; count < kPanelRows && r < rows; ++r) {
    __builtin_memcpy(p.out + (first_row + r) * p.out_stride + first, scratch.totals[r],
                     static_cast<size_t>(count) * sizeof(float));
  }
}

template <BlockType type>
void multiply_integer(const Product& p) {
#if defined(HEARTH_PIECES)
  if constexpr (GivesColumns<Unpacker<type>>) {
    // Where more than eight vectors are taken apart at once, registers are too few, and small groups are many
    // sums: worth it where rows share the work.
    if (p.rows == 1 && (Unpacker<type>::kPieces > 2 || Unpacker<type>::kGroup < kInputBlock)) {
      return multiply_few<type>(p);
    }
    if (p.rows == 1) return multiply_pieces<type, 1>(p);
    if (p.rows == 2) return multiply_pieces<type, 2>(p);
    if (p.rows <= kMostPieceRows) return multiply_pieces<type, kMostPieceRows>(p);
  }
#endif
  if constexpr (GivesColumns<Unpacker<type>> && kMostColumnRows > 0) {
    if (p.rows >= kLeastColumnRows && p.rows <= kMostColumnRows) {
      return p.rows <= kMostColumnRows / 2 ? multiply_columns<type, kMostColumnRows / 2>(p)
                                           : multiply_columns<type, kMostColumnRows>(p);
    }
  }
#if defined(HEARTH_MMLA_GROUPS)
  // One row would leave half of a matrix product idle.
  if (p.rows <= kFewRows) return kNeonDotKernels.find_product(type)(p);
#else
  if (p.rows <= kFewRows) return multiply_few<type>(p);
#endif
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
