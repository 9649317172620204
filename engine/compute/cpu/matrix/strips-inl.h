// Finds the rows of a weight that make up strips (strip_product-inl.h), chunk by chunk.
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

  /// Likewise of neighbouring rows, and what is to be fetched meanwhile.
  void find(int64_t first, int64_t chunk, Strip& strip) {
    // The next kLanes rows, an even part at each chunk: they are one run of memory, while a chunk of them is
    // too scattered for the machine to see where it leads.
    const int64_t ahead = (first + kLanes) * product_.row_bytes + chunk * kLanes * kChunkBytes;
    const int64_t rows_there = product_.output_count + product_.rows_behind;
    strip.ahead = ahead + kBytesAhead <= rows_there * product_.row_bytes ? product_.weight + ahead : kNothing;
    find(first, chunk, 1, strip);
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
  /// What a chunk of a strip fetches, or nearly.
  static constexpr int64_t kBytesAhead = 64 * int64_t{Lines<Unpacker<type>, kLanes * kChunkBytes / 64>::kAll};
  static_assert(kBytesAhead <= int64_t{sizeof kNothing});
};

}  // namespace
}  // namespace hearth::cpu
