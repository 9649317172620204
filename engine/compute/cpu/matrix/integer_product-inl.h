// Products of quantised weights with 8-bit activations, on vectors. Included once by each instruction set's
// kernels: see product_kernels-inl.h.
//
// Two ways to the same bits. One output is always summed so: for each block of 32 columns in order, the exact
// integer sum of each group (the block, or its halves) times the group's scale, summed over the groups, times
// the input's scale, is added with one rounding; then the groups' biases times the input's sums likewise.
//   - Few rows of input (strip_product-inl.h): a strip of kLanes weight rows at a time is read where it lies.
//   - Many (panel_product-inl.h): the strip is first packed into a panel, and all rows pass over it.
namespace hearth::cpu {
namespace {

/// Finds the rows of strips, chunk by chunk.
template <BlockType type>
class StripReader {
 public:
  explicit StripReader(const Product& product) : product_(product) {}

  /// Points `strip` at chunk `chunk` of kLanes rows from `first` on; what it says of rows past the last means
  /// nothing.
  void find(int64_t first, int64_t chunk, Strip& strip) {
    // The next kLanes rows, an even part at each chunk: they are one run of memory, while a chunk of them is
    // too scattered for the machine to see where it leads.
    const int64_t ahead = (first + kLanes) * product_.row_bytes + chunk * kLanes * kChunkBytes;
    strip.ahead = ahead + kBytesAhead <= product_.output_count * product_.row_bytes ? product_.weight + ahead
                                                                                    : kNothing;
    const std::byte* const begin = product_.weight + first * product_.row_bytes + chunk * kChunkBytes;
    const int64_t rows = product_.output_count - first;
    // Kernels read whole chunks of kLanes rows: what they find past a row's end is of no consequence, but
    // something must be there.
    if ((kLanes - 1) * product_.row_bytes + (chunk + 1) * kChunkBytes <= rows * product_.row_bytes) {
      strip.first_row = begin;
      strip.row_stride = product_.row_bytes;
    } else {
      const int64_t rest = product_.row_bytes - chunk * kChunkBytes;
      for (int64_t lane = 0; lane < kLanes && lane < rows; ++lane) {
        __builtin_memcpy(edge_[lane], begin + lane * product_.row_bytes,
                         static_cast<size_t>(rest < kChunkBytes ? rest : kChunkBytes));
      }
      strip.first_row = edge_[0];
      strip.row_stride = kChunkBytes;
    }
  }

  /// Blocks of 32 columns in that chunk.
  int blocks(int64_t chunk) const {
    const int64_t columns = product_.columns - chunk * kChunkColumns;
    return columns < kChunkColumns ? static_cast<int>(columns / kInputBlock) : kChunkBlocks;
  }

  using D = Decoder<type>;
  static constexpr int64_t kChunkBytes = sizeof(typename D::Block) * (kChunkColumns / D::kElements);

 private:
  const Product& product_;
  std::byte edge_[kLanes][kChunkBytes] = {};
  /// What add_strip() fetches at most; and what it may where nothing is ahead.
  static constexpr int64_t kBytesAhead = 64 * int64_t{Lines<Unpacker<type>, kLanes * kChunkBytes / 64>::kAll};
  static constexpr std::byte kNothing[kBytesAhead] = {};
};

/// Up to kFewRows rows of input: packing costs about as much as two rows' products.
constexpr int64_t kFewRows = 2;

template <BlockType type>
void multiply_few(const Product& p) {
  using U = Unpacker<type>;
  constexpr int kLines = StripReader<type>::kChunkBytes * kLanes / 64;
  constexpr bool kEndsWithin = Decoder<type>::kElements < kChunkColumns;
  StripReader<type> reader(p);
  Strip strip;
  typename U::State state;
  for (int64_t first = 0; first < p.output_count; first += kLanes) {
    F32 totals[kFewRows] = {zero(), zero()};
    for (int64_t chunk = 0; chunk < chunk_count(p.columns); ++chunk) {
      reader.find(first, chunk, strip);
      U::begin(strip, state);
      for (int64_t r = 0; r < p.rows; ++r) {
        const int64_t place = chunk * p.rows + r;
        totals[r] = add_strip<U, kLines, kEndsWithin>(totals[r], strip, p.chunks[place], p.sums[place],
                                                      reader.blocks(chunk));
      }
    }
    const int64_t count = p.output_count - first < kLanes ? p.output_count - first : kLanes;
    for (int64_t r = 0; r < p.rows; ++r) {
      store_partial(p.out + r * p.out_stride + first, totals[r], count);
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
  constexpr int kTileOutputs = kTilePanels * kLanes;
  constexpr int64_t kChunkBytes = StripReader<type>::kChunkBytes;
  const int panel_count = static_cast<int>((count + kTileOutputs - 1) / kTileOutputs) * kTilePanels;
  constexpr float kZeros[kPanelRows] = {};
  Totals totals{kZeros, 0, scratch.totals[0], kPanelRows};
  for (int64_t chunk = 0; chunk < chunk_count(p.columns); ++chunk) {
    for (int n = 0; n < panel_count; ++n) {
      reader.find(first + n * kLanes, chunk, strip);
      U::begin(strip, state);
      pack_panel<U>(strip, scratch.panels[n]);
    }
    const int64_t place = chunk * p.rows + first_row;
    const bool is_last = chunk + 1 == chunk_count(p.columns);
    if (is_last && count == kPanelRows) {
      totals.to = p.out + first_row * p.out_stride + first;
      totals.to_stride = p.out_stride;
    }
    const std::byte* const next = p.weight + (is_last ? (first + kPanelRows) * p.row_bytes
                                                      : first * p.row_bytes + (chunk + 1) * kChunkBytes);
    const int64_t tiles = (rows + kTileInputs - 1) / kTileInputs * (panel_count / kTilePanels);
    Lookahead<kChunkBytes> ahead(next, p.row_bytes, tiles);
    multiply_panels<U>(scratch.panels, panel_count, p.chunks + place, p.sums + place, rows,
                       reader.blocks(chunk), totals, [&] { ahead.fetch(); });
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
