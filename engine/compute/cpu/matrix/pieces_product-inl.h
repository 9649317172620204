// The product of a strip with a few rows of input where vectors are two quads, of types whose bytes can be
// taken apart wherever they lie (GivesColumns). A vector is 16 columns of two weight rows, lanes i and i + 4:
// products need no transposition, which columns_product-inl.h shares out among rows of input, and sums over
// columns become lanes of rows in fewer steps than from vectors of single rows (strip_product-inl.h).
namespace hearth::cpu {
namespace {

/// Rows that a lane reads one after the other: enough for the machine to see where they lead. Twice as many
/// gain nothing, half of them cost a sixth of the speed where rows have 1 KiB.
constexpr int64_t kMostDistance = 16;

/// Outputs that are computed in one go.
constexpr int64_t kOutputsOfFew = kLanes * kMostDistance;

/// Rows between the lanes of strips where `rows` rows of `row_bytes` are left: those that each lane reads one
/// after the other.
[[gnu::noinline]] inline int64_t lane_distance(int64_t row_bytes, int64_t rows) {
  int64_t distance = rows / kLanes < kMostDistance ? rows / kLanes : kMostDistance;
  // Lanes at the same place of a page share a few lines of the L1 cache, which is indexed by these bits.
  constexpr int64_t kPage = 4096;
  const auto is_crowded = [&](int64_t n) {
    const int64_t place = n * row_bytes % kPage;
    return place < kPage / kLanes || place > kPage - kPage / kLanes;
  };
  while (distance > 1 && is_crowded(distance)) --distance;
  return distance < 1 ? 1 : distance;
}

/// Calls multiply(first, distance) for strips that together are all rows of the weight: kLanes rows from
/// `first` on, `distance` rows apart.
///
/// Each lane reads its rows one after the other, so that kLanes runs of memory are read side by side, each as
/// the machine itself fetches ahead. That reads a Zen 3's memory as fast as anything does; neighbouring rows,
/// chunk by chunk, are read at half of it, and with their successors fetched by hand at three quarters.
template <class Multiply>
void for_each_strip(const Product& p, Multiply multiply) {
  for (int64_t begin = 0; begin < p.output_count;) {
    const int64_t distance = lane_distance(p.row_bytes, p.output_count - begin);
    for (int64_t i = 0; i < distance; ++i) multiply(begin + i, distance);
    begin += kLanes * distance;
  }
}

/// How far ahead of what is read lanes' runs are fetched: the machine fetches ahead by itself, but late where
/// a row's parts are not read in order. Twice as far is slower on a Zen 3.
constexpr int64_t kBytesAheadInRow = 512;

/// Fetches `bytes` bytes of each lane's run, of what follows that many bytes after byte `from`.
template <int64_t bytes, class Rows>
inline void fetch_rows(const Rows& rows, int64_t from) {
  HEARTH_UNROLL
  for (int lane = 0; lane < kLanes; ++lane) {
    HEARTH_UNROLL
    for (int64_t i = 0; i < bytes; i += 64) fetch_line(rows.row(lane) + kBytesAheadInRow + from + i);
  }
}

/// Lanes' sums to the outputs of a strip's rows, of row r of the input.
inline void store_strip(const Product& p, int64_t r, int64_t first, int64_t distance, F32 sums) {
  float* const out = p.out + r * p.out_stride + first;
  const int64_t left = p.output_count - first;
  if (distance == 1) return store_partial(out, sums, left < kLanes ? left : kLanes);
  float lanes[kLanes];
  store(lanes, sums);
  for (int64_t lane = 0; lane < kLanes; ++lane) out[lane * distance] = lanes[lane];
}

/// Of 16 bytes of every row from byte `offset` on: vector i becomes those of rows i and i + 4.
inline void load_columns(const StripRows& rows, int64_t offset, Ints (&pieces)[4]) {
  HEARTH_UNROLL
  for (int i = 0; i < 4; ++i) {
    pieces[i] = join_pieces([&](int q) { return load_piece(rows.row(4 * q + i) + offset); });
  }
}

template <class U>
constexpr int kQuadsOfGroup = U::kGroup / 16;

/// Pieces of a group: quad q of rows i and i + 4 is vector 4q + i.
template <class U>
using GroupPieces = Bytes[4 * kQuadsOfGroup<U>];

/// Takes the pieces apart of the group whose first quad is `first`.
template <class U, int first, int i = 0>
[[gnu::always_inline]] inline void unpack_pieces(const PeriodWords<U>& words, GroupPieces<U>& to) {
  if constexpr (i < 4 * kQuadsOfGroup<U>) {
    to[i] = U::template columns<first + i / 4, i % 4>(words);
    unpack_pieces<U, first, i + 1>(words, to);
  }
}

/// The products of a group's pieces with its columns of the input, row by lane.
template <class U>
[[gnu::always_inline]] inline Ints sum_pieces(const GroupPieces<U>& weights, const int8_t* x) {
  constexpr int kPieces = kQuadsOfGroup<U>;
  static_assert(kPieces <= 2);
  const Bytes first = splat_piece(x);
  const Bytes second = splat_piece(x + (kPieces - 1) * 16);
  Ints sums[4];
  HEARTH_UNROLL
  for (int i = 0; i < 4; ++i) {
    const Shorts pairs = pair_products<U::kSigned>(weights[i], first);
    if constexpr (kPieces == 1) {
      sums[i] = widen(pairs);
    } else if constexpr (kPairsHeld<U> >= 2) {
      sums[i] = widen(add_shorts(pairs, pair_products<U::kSigned>(weights[4 + i], second)));
    } else {
      sums[i] = add(widen(pairs), widen(pair_products<U::kSigned>(weights[4 + i], second)));
    }
  }
  // Lanes hold four products of each piece, then eight.
  constexpr int kLargest = U::kLargest * 127 * 4 * kPieces;
  return add_neighbours<2 * kLargest>(add_neighbours<kLargest>(sums[0], sums[1]),
                                      add_neighbours<kLargest>(sums[2], sums[3]));
}

/// Adds the products of a period's groups from `group` on; the period's first is first_group of the chunk.
template <class U, int rows, int group = 0>
[[gnu::always_inline]] inline void add_groups_of_pieces(const PeriodWords<U>& words, const Strip& strip,
                                                        const InputRows& x, int first_group,
                                                        F32 (&totals)[rows]) {
  if constexpr (group < kGroupsOfPeriod<U>) {
    const int g = first_group + group;
    GroupPieces<U> weights;
    unpack_pieces<U, group * kQuadsOfGroup<U>>(words, weights);
    Ints group_sums[rows];
    HEARTH_UNROLL
    for (int r = 0; r < rows; ++r) {
      group_sums[r] = add(initial_sum<U, U::kOffset>(x.chunks[r], x.sums[r], g),
                          sum_pieces<U>(weights, x.chunks[r].values + g * U::kGroup));
    }
    add_group_products<U>(group_sums, strip, x, g, totals);
    add_groups_of_pieces<U, rows, group + 1>(words, strip, x, first_group, totals);
  }
}

/// Of a row's chunk of `bytes` bytes.
template <class U, int64_t bytes>
constexpr int64_t kBytesOfPeriod = bytes* U::kPeriod / kChunkQuads;

template <class U, int rows, int64_t bytes>
[[gnu::always_inline]] inline void add_period(const StripRows& weight, const Strip& strip, const InputRows& x,
                                              int period, F32 (&totals)[rows]) {
  fetch_rows<kBytesOfPeriod<U, bytes>>(weight, period * kBytesOfPeriod<U, bytes>);
  PeriodWords<U> words;
  U::load_period(weight, period, words);
  add_groups_of_pieces<U, rows>(words, strip, x, period * kGroupsOfPeriod<U>, totals);
}

/// Likewise of all periods that there are, from `period` on. Only blocks shorter than a chunk can end within
/// one.
template <class U, int64_t bytes, bool ends_within, int period = 0>
[[gnu::always_inline]] inline void add_periods(const StripRows& weight, const Strip& strip,
                                               const InputRows& x, int periods, F32 (&totals)[1]) {
  if constexpr (period < kChunkQuads / U::kPeriod) {
    if (ends_within && period == periods) return;
    add_period<U, 1, bytes>(weight, strip, x, period, totals);
    add_periods<U, bytes, ends_within, period + 1>(weight, strip, x, periods, totals);
  }
}

/// Adds the products of the first `blocks` blocks of a chunk, of `bytes` bytes a row, to the rows' totals.
/// Sets the strip's scales and biases.
template <class U, int rows, int64_t bytes, bool ends_within>
[[gnu::always_inline]] inline void add_pieces(Strip& strip, const InputRows& x, int blocks,
                                              F32 (&totals)[rows]) {
  const StripRows weight(strip);
  set_scales<U>(weight, strip);
  // Now: if compilers may put it off, all that scales are made of stays in registers, or goes to the stack.
  asm volatile("" : : "r"(&strip) : "memory");
  const int periods = blocks * kInputBlock / (16 * U::kPeriod);
  // One row of input is worth writing out: a fifth less time. With more, sums would go to memory.
  if constexpr (rows == 1) {
    add_periods<U, bytes, ends_within>(weight, strip, x, periods, totals);
  } else {
    for (int period = 0; period < periods; ++period) {
      add_period<U, rows, bytes>(weight, strip, x, period, totals);
    }
  }
}

constexpr int kMostPieceRows = kFewInputRows;
static_assert(kMostPieceRows / 2 <= kSpareRows);

/// The product of up to `rows` rows of input with types that give columns. What it computes of rows past the
/// last (kSpareRows) is not stored.
template <BlockType type, int rows>
void multiply_pieces(const Product& p) {
  using U = Unpacker<type>;
  using Reader = StripReader<type>;
  Reader reader(p);
  Strip strip;
  for_each_strip(p, [&](int64_t first, int64_t distance) {
    F32 totals[rows];
    HEARTH_UNROLL
    for (int r = 0; r < rows; ++r) totals[r] = zero();
    for (int64_t chunk = 0; chunk < chunk_count(p.columns); ++chunk) {
      reader.find(first, chunk, distance, strip);
      const int64_t place = chunk * p.rows;
      add_pieces<U, rows, Reader::kChunkBytes, (Decoder<type>::kElements < kChunkColumns)>(
          strip, {p.chunks + place, p.sums + place}, reader.blocks(chunk), totals);
    }
    HEARTH_UNROLL
    for (int r = 0; r < rows; ++r) {
      if (r < p.rows) store_strip(p, r, first, distance, totals[r]);
    }
  });
}

}  // namespace
}  // namespace hearth::cpu
