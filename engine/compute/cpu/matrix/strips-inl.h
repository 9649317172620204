// Which rows of a weight make up a strip (strip_product-inl.h), where a strip's chunks are, and where its
// sums go.
namespace hearth::cpu {
namespace {

/// What is fetched where nothing is ahead, or none of it: of any type, a chunk of kLanes rows has less than
/// this. One for all, since programs carry its zeros.
constexpr std::byte kNothing[320 * kLanes] = {};

/// Finds the rows of strips, chunk by chunk.
template <BlockType type>
class StripReader {
 public:
  explicit StripReader(const Product& product) : product_(product) {}

  /// Points `strip` at chunk `chunk` of kLanes rows from `first` on, `distance` rows apart; what it says of
  /// rows past the last means nothing.
  void find(int64_t first, int64_t chunk, int64_t distance, Strip& strip) {
    if constexpr (!kLanesApart) find_ahead(first, chunk, strip);
    const std::byte* const begin = product_.weight + first * product_.row_bytes + chunk * kChunkBytes;
    const int64_t rows = product_.output_count - first;
    const int64_t stride = distance * product_.row_bytes;
    // Kernels read whole chunks of kLanes rows: what they find past a row's end is of no consequence, but
    // something must be there.
    if ((kLanes - 1) * stride + (chunk + 1) * kChunkBytes <= rows * product_.row_bytes) {
      strip.first_row = begin;
      strip.row_stride = stride;
    } else {
      const int64_t rest = product_.row_bytes - chunk * kChunkBytes;
      for (int64_t lane = 0; lane < kLanes && lane * distance < rows; ++lane) {
        __builtin_memcpy(edge_[lane], begin + lane * stride,
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
  /// Of a strip's chunk, to be fetched one strip ahead.
  static constexpr int kLines = kLanesApart ? 0 : kChunkBytes * kLanes / 64;

 private:
  void find_ahead(int64_t first, int64_t chunk, Strip& strip) {
    // The next kLanes rows, an even part at each chunk: they are one run of memory, while a chunk of them is
    // too scattered for the machine to see where it leads.
    const int64_t ahead = (first + kLanes) * product_.row_bytes + chunk * kLanes * kChunkBytes;
    const int64_t rows_there = product_.output_count + product_.rows_behind;
    strip.ahead = ahead + kBytesAhead <= rows_there * product_.row_bytes ? product_.weight + ahead : kNothing;
  }

  const Product& product_;
  std::byte edge_[kLanes][kChunkBytes] = {};
  /// What a chunk of a strip fetches, or nearly.
  static constexpr int64_t kBytesAhead = 64 * int64_t{Lines<Unpacker<type>, kLines>::kAll};
  static_assert(kBytesAhead <= int64_t{sizeof kNothing});
};

/// Rows that a lane reads one after the other: enough for the machine to see where they lead. Twice as many
/// gain nothing, half of them cost a sixth of the speed where rows have 1 KiB.
constexpr int64_t kMostDistance = kLanesApart ? 16 : 1;

/// Outputs that few rows of input are multiplied with in one go.
constexpr int64_t kOutputsOfFew = kLanesApart ? kLanes * kMostDistance : kPanelRows;

/// Rows between the lanes of strips where `rows` rows of `row_bytes` are left: as many as a strip of lanes
/// apart goes on for.
[[gnu::noinline]] inline int64_t lane_distance(int64_t row_bytes, int64_t rows) {
  if constexpr (!kLanesApart) return 1;
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
/// Where kLanesApart each lane reads its rows one after the other, so that kLanes runs of memory are read
/// side by side, each as the machine itself fetches ahead. That reads a Zen 3's memory as fast as anything
/// does; neighbouring rows, chunk by chunk, are read at half of it, and with their successors fetched by hand
/// at three quarters.
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

}  // namespace
}  // namespace hearth::cpu
