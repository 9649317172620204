// Unpackers of the types in blocks of 32 elements: see unpack-inl.h.
namespace hearth::cpu {
namespace {

// Types in blocks of 32 nibbles: vectors come in pairs, the low and the high nibbles of kQuads blocks.

struct NibbleBlocksOrder {
  static constexpr int quad(int position) {
    const int vector = position / kQuads;
    return 2 * (vector / 2 * kQuads + position % kQuads) + vector % 2;
  }
};

template <class Block, int v>
inline Bytes block_nibbles(const std::byte* row) {
  const Bytes both =
      load_pieces([=](int q) { return row + (v / 2 * kQuads + q) * sizeof(Block) + offsetof(Block, qs); });
  return nibbles_of<v % 2 == 1>(both);
}

/// Whether it is cheaper to load a word of each row than to load a row's words and to transpose them.
template <class Rows>
concept GathersWords = requires(const Rows& rows) {
  load_words_of_rows(rows, size_t{});
};

/// to[i] becomes the f16 in words[i], row by lane.
template <class Words, int count>
inline void store_halves(const Words (&words)[count], float (*to)[kLanes]) {
  for (int i = 0; i < count; ++i) store(to[i], halves_to_f32(words[i]));
}

/// to[b] becomes the f16 at byte `offset` of block b of every row.
template <size_t block_bytes, class Rows>
inline void set_from_rows(const Rows& rows, size_t offset, float (*to)[kLanes]) {
  decltype(load_words_of_rows(rows, offset)) words[kChunkBlocks];
  for (int b = 0; b < kChunkBlocks; ++b) {
    words[b] = load_words_of_rows(rows, offset + static_cast<size_t>(b) * block_bytes);
  }
  store_halves(words, to);
}

/// A scale in f16 in each block, and likewise a bias. A header is eight of them.
template <class Block>
struct HalfScales {
  template <int i>
  static Piece header(const std::byte* row) {
    return load_spread_words<sizeof(Block)>(row + offsetof(Block, d));
  }
  static void set_scales(const Ints (&words)[1][4], Strip& strip) { set_from_halves(words[0], strip.scales); }
  template <GathersWords Rows>
  static void set_scales_of(const Rows& rows, Strip& strip) {
    set_from_rows<sizeof(Block)>(rows, offsetof(Block, d), strip.scales);
  }
};
template <class Block>
struct HalfScalesAndBiases {
  template <int i>
  static Piece header(const std::byte* row) {
    return load_spread_words<sizeof(Block)>(row + (i == 0 ? offsetof(Block, d) : offsetof(Block, m)));
  }
  static void set_scales(const Ints (&words)[2][4], Strip& strip) {
    set_from_halves(words[0], strip.scales);
    set_from_halves(words[1], strip.biases);
  }
  template <GathersWords Rows>
  static void set_scales_of(const Rows& rows, Strip& strip) {
    set_from_rows<sizeof(Block)>(rows, offsetof(Block, d), strip.scales);
    set_from_rows<sizeof(Block)>(rows, offsetof(Block, m), strip.biases);
  }
};

/// Columns of such types, a block at a time, whose nibbles lie `first` bytes from the beginning of blocks of
/// `stride`.
template <int64_t stride, int64_t first>
struct BlockNibbles {
  static constexpr int kPeriod = 2;
  static constexpr int kPieces = 1;
  template <class Rows>
  static void load_period(const Rows& rows, int period, Ints (&words)[kPieces][4]) {
    load_columns(rows, period * stride + first, words[0]);
  }
  template <int quad, int i>
  static Bytes columns(const Ints (&words)[kPieces][4]) {
    return nibbles_of<quad == 1>(words[0][i]);
  }
};
template <class Block>
using NibbleBlockColumns = BlockNibbles<sizeof(Block), offsetof(Block, qs)>;

/// Nibbles that stand for levels.
template <class Nibbles, const auto& levels>
struct LevelsOf : Nibbles {
  template <int quad, int i>
  static Bytes columns(const Ints (&words)[Nibbles::kPieces][4]) {
    return shuffle_in_quads(splat_piece(levels.data()), Nibbles::template columns<quad, i>(words));
  }
};

template <>
struct Unpacker<BlockType::kQ4_0> : DirectUnpacker<32, false, false, 8, 15>,
                                    NibbleBlocksOrder,
                                    NibbleBlockColumns<BlockQ4_0>,
                                    HalfScales<BlockQ4_0> {
  template <int v>
  static Bytes values(const std::byte* row) {
    return block_nibbles<BlockQ4_0, v>(row);
  }
};

template <>
struct Unpacker<BlockType::kQ4_1> : DirectUnpacker<32, true, false, 0, 15, 2>,
                                    NibbleBlocksOrder,
                                    NibbleBlockColumns<BlockQ4_1>,
                                    HalfScalesAndBiases<BlockQ4_1> {
  template <int v>
  static Bytes values(const std::byte* row) {
    return block_nibbles<BlockQ4_1, v>(row);
  }
};

/// block_nibbles() with their fifth bits, one for each of a block's 32 elements in qh.
template <class Block, int v>
inline Bytes five_bits(const std::byte* row) {
  const Bytes four_bytes =
      load_pieces([=](int q) { return row + (v / 2 * kQuads + q) * sizeof(Block) + offsetof(Block, qh); });
  constexpr int8_t kLow = v % 2 * 2;
  constexpr int8_t kHigh = kLow + 1;
  constexpr int8_t kByteOf[16] = {kLow,  kLow,  kLow,  kLow,  kLow,  kLow,  kLow,  kLow,
                                  kHigh, kHigh, kHigh, kHigh, kHigh, kHigh, kHigh, kHigh};
  constexpr uint8_t kBitOf[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const Bytes bits = bit_and(shuffle_in_quads(four_bytes, splat_piece(kByteOf)), splat_piece(kBitOf));
  const Bytes fifth = shift_bytes_left<4>(min_bytes(bits, splat_bytes(1)));
  return bit_or(block_nibbles<Block, v>(row), fifth);
}

template <>
struct Unpacker<BlockType::kQ5_0>
    : DirectUnpacker<32, false, false, 16, 31>, NibbleBlocksOrder, HalfScales<BlockQ5_0> {
  template <int v>
  static Bytes values(const std::byte* row) {
    return five_bits<BlockQ5_0, v>(row);
  }
};

template <>
struct Unpacker<BlockType::kQ5_1>
    : DirectUnpacker<32, true, false, 0, 31, 2>, NibbleBlocksOrder, HalfScalesAndBiases<BlockQ5_1> {
  template <int v>
  static Bytes values(const std::byte* row) {
    return five_bits<BlockQ5_1, v>(row);
  }
};

template <>
struct Unpacker<BlockType::kIQ4_NL> : DirectUnpacker<32, false, true, 0, kLargestByte>,
                                      NibbleBlocksOrder,
                                      LevelsOf<NibbleBlockColumns<BlockIQ4_NL>, kIq4Levels>,
                                      HalfScales<BlockIQ4_NL> {
  template <int v>
  static Bytes values(const std::byte* row) {
    return shuffle_in_quads(splat_piece(kIq4Levels.data()), block_nibbles<BlockIQ4_NL, v>(row));
  }
};

/// half_power_of_two(). 2^(e - 128) may be too small for a normal number, its factors 2^(e/2 - 64) are not.
inline F32 half_powers_of_two(Ints exponents) {
  const auto power = [](Ints e) { return as_f32(shift_left<23>(add(e, splat_ints(127 - 64)))); };
  const Ints half = shift_right<1>(exponents);
  return power(half) * power(add(half, bit_and(exponents, splat_ints(1))));
}

template <>
struct Unpacker<BlockType::kMXFP4> : DirectUnpacker<32, false, true, 0, 12>,
                                     NibbleBlocksOrder,
                                     LevelsOf<NibbleBlockColumns<BlockMXFP4>, kFp4Doubled> {
  /// Exponents, in the low halves of words.
  template <int i>
  static Piece header(const std::byte* row) {
    return load_spread_bytes<sizeof(BlockMXFP4)>(row + offsetof(BlockMXFP4, e));
  }
  static void set_scales(const Ints (&words)[1][4], Strip& strip) {
    for (int i = 0; i < 4; ++i) {
      store(strip.scales[2 * i], half_powers_of_two(bit_and(words[0][i], splat_ints(0xFF))));
      store(strip.scales[2 * i + 1],
            half_powers_of_two(bit_and(shift_right<16>(words[0][i]), splat_ints(0xFF))));
    }
  }
  template <GathersWords Rows>
  static void set_scales_of(const Rows& rows, Strip& strip) {
    for (size_t b = 0; b < kChunkBlocks; ++b) {
      const auto words = load_words_of_rows(rows, b * sizeof(BlockMXFP4) + offsetof(BlockMXFP4, e));
      store(strip.scales[b], half_powers_of_two(bit_and(widen_words(words), splat_ints(0xFF))));
    }
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    return shuffle_in_quads(splat_piece(kFp4Doubled.data()), block_nibbles<BlockMXFP4, v>(row));
  }
};

template <>
struct Unpacker<BlockType::kQ8_0> : DirectUnpacker<32, false, true, 0, kLargestByte>, HalfScales<BlockQ8_0> {
  static constexpr int quad(int position) { return position; }
  template <int v>
  static Bytes values(const std::byte* row) {
    return load_paired_pieces([=](int q) {
      const int piece = v * kQuads + q;
      return row + piece / 2 * sizeof(BlockQ8_0) + offsetof(BlockQ8_0, qs) + piece % 2 * 16;
    });
  }

  static constexpr int kPeriod = 2;
  static constexpr int kPieces = 2;
  template <class Rows>
  static void load_period(const Rows& rows, int period, Ints (&words)[kPieces][4]) {
    const int64_t qs = period * int64_t{sizeof(BlockQ8_0)} + offsetof(BlockQ8_0, qs);
    load_columns(rows, qs, words[0]);
    load_columns(rows, qs + 16, words[1]);
  }
  template <int quad, int i>
  static Bytes columns(const Ints (&words)[kPieces][4]) {
    return words[quad][i];
  }
};

}  // namespace
}  // namespace hearth::cpu
