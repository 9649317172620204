// Weights unpacked into vectors, a chunk of 256 columns of kLanes rows at a time. The types that models are
// mostly made of come straight from their blocks into registers; every other goes through
// decode_chunk-inl.h.
//
// An Unpacker<type> says
//   kGroup, kBias     as its Decoder does
//   kSigned, kOffset  what its bytes are: signed weights w, or unsigned w + kOffset of at most 63
//   quad(position)    bytes come in vectors of the order that is cheapest for the type: which 16 columns of
//                     the chunk are quad `position` of them all
//   begin()           fills a Strip
//   values<v>(row)    vector v of a row's part of the chunk
// Included once by each instruction set's kernels, after its vectors.
#include "engine/compute/cpu/matrix/decode_chunk-inl.h"

namespace hearth::cpu {
namespace {

constexpr int kChunkQuads = kChunkColumns / 16;
constexpr int kChunkVectors = kChunkQuads / kQuads;

/// kLanes rows' part of a chunk: where each row's bytes are, and scales and biases by group, row by lane.
struct alignas(64) Strip {
  const std::byte* rows[kLanes];
  float scales[kChunkGroups][kLanes];
  float biases[kChunkGroups][kLanes];
};

// Pieces that several types share.

/// Transposes the 4x4 matrices of integers that the quads of four vectors make up.
inline void transpose_in_quads(Ints& a, Ints& b, Ints& c, Ints& d) {
  const Ints ab_low = interleave_low(a, b);
  const Ints ab_high = interleave_high(a, b);
  const Ints cd_low = interleave_low(c, d);
  const Ints cd_high = interleave_high(c, d);
  a = interleave_low_pairs(ab_low, cd_low);
  b = interleave_high_pairs(ab_low, cd_low);
  c = interleave_low_pairs(ab_high, cd_high);
  d = interleave_high_pairs(ab_high, cd_high);
}

/// Vector i becomes the i-th four bytes of every row's piece.
template <class PieceOf>
inline void load_words(PieceOf piece_of_row, Ints (&words)[4]) {
  // Quad q of words[i] holds row 4q + i, so that after the transposition rows are lanes in order.
  for (int i = 0; i < 4; ++i) {
    words[i] = join_pieces([&](int q) { return piece_of_row(4 * q + i); });
  }
  transpose_in_quads(words[0], words[1], words[2], words[3]);
}

/// to[b] becomes the f16 at byte `offset` of block b of every row.
template <class Block>
inline void load_half_scales(const Strip& strip, int64_t offset, float (*to)[kLanes]) {
  Ints words[4];
  load_words([&](int row) { return load_spread_words<sizeof(Block)>(strip.rows[row] + offset); }, words);
  for (int i = 0; i < 4; ++i) {
    store_floats(to[2 * i], low_halves_to_floats(words[i]));
    store_floats(to[2 * i + 1], low_halves_to_floats(shift_right<16>(words[i])));
  }
}

template <int byte>
inline Floats byte_to_floats(Ints v) {
  return to_floats(bit_and(shift_right<8 * byte>(v), splat_ints(0xFF)));
}

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
  return bit_and(v % 2 == 0 ? both : shift_bytes_right<4>(both), splat_bytes(0x0F));
}

/// Rows without an unpacker of their own: decoded one by one, in order of columns.
template <BlockType type>
struct Unpacker {
  static constexpr int kGroup = Decoder<type>::kGroup;
  static constexpr bool kBias = Decoder<type>::kBias;
  static constexpr bool kSigned = true;
  static constexpr int kOffset = 0;
  static constexpr int quad(int position) { return position; }

  struct State {
    DecodedChunk decoded[kLanes];
  };
  static void begin(Strip& strip, State& state) {
    constexpr int kBlocks = kChunkColumns / Decoder<type>::kElements;
    for (int lane = 0; lane < kLanes; ++lane) {
      DecodedChunk& chunk = state.decoded[lane];
      decode_chunk<type>(strip.rows[lane], 0, kBlocks, chunk);
      strip.rows[lane] = reinterpret_cast<const std::byte*>(chunk.values);
    }
    constexpr int kGroups = kChunkColumns / kGroup;
    for (int g = 0; g < kGroups; ++g) {
      for (int lane = 0; lane < kLanes; ++lane) {
        strip.scales[g][lane] = state.decoded[lane].scales[g];
        if constexpr (kBias) strip.biases[g][lane] = state.decoded[lane].biases[g];
      }
    }
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    return load_bytes(row + v * sizeof(Bytes));
  }
};

/// The state of an unpacker that needs none.
struct NoState {};

template <>
struct Unpacker<BlockType::kQ4_0> : NibbleBlocksOrder {
  static constexpr int kGroup = 32;
  static constexpr bool kBias = false;
  static constexpr bool kSigned = false;
  static constexpr int kOffset = 8;
  using State = NoState;
  static void begin(Strip& strip, State&) {
    load_half_scales<BlockQ4_0>(strip, offsetof(BlockQ4_0, d), strip.scales);
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    return block_nibbles<BlockQ4_0, v>(row);
  }
};

template <>
struct Unpacker<BlockType::kQ4_1> : NibbleBlocksOrder {
  static constexpr int kGroup = 32;
  static constexpr bool kBias = true;
  static constexpr bool kSigned = false;
  static constexpr int kOffset = 0;
  using State = NoState;
  static void begin(Strip& strip, State&) {
    load_half_scales<BlockQ4_1>(strip, offsetof(BlockQ4_1, d), strip.scales);
    load_half_scales<BlockQ4_1>(strip, offsetof(BlockQ4_1, m), strip.biases);
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    return block_nibbles<BlockQ4_1, v>(row);
  }
};

template <>
struct Unpacker<BlockType::kIQ4_NL> : NibbleBlocksOrder {
  static constexpr int kGroup = 32;
  static constexpr bool kBias = false;
  static constexpr bool kSigned = true;
  static constexpr int kOffset = 0;
  using State = NoState;
  static void begin(Strip& strip, State&) {
    load_half_scales<BlockIQ4_NL>(strip, offsetof(BlockIQ4_NL, d), strip.scales);
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    return lookup(kIq4Levels.data(), block_nibbles<BlockIQ4_NL, v>(row));
  }
};

template <>
struct Unpacker<BlockType::kMXFP4> : NibbleBlocksOrder {
  static constexpr int kGroup = 32;
  static constexpr bool kBias = false;
  static constexpr bool kSigned = true;
  static constexpr int kOffset = 0;
  using State = NoState;
  static void begin(Strip& strip, State&) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto* blocks = reinterpret_cast<const BlockMXFP4*>(strip.rows[lane]);
      for (int b = 0; b < kChunkBlocks; ++b) strip.scales[b][lane] = half_power_of_two(blocks[b].e);
    }
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    return lookup(kFp4Doubled.data(), block_nibbles<BlockMXFP4, v>(row));
  }
};

template <>
struct Unpacker<BlockType::kQ8_0> {
  static constexpr int kGroup = 32;
  static constexpr bool kBias = false;
  static constexpr bool kSigned = true;
  static constexpr int kOffset = 0;
  static constexpr int quad(int position) { return position; }
  using State = NoState;
  static void begin(Strip& strip, State&) {
    load_half_scales<BlockQ8_0>(strip, offsetof(BlockQ8_0, d), strip.scales);
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    return load_paired_pieces([=](int q) {
      const int piece = v * kQuads + q;
      return row + piece / 2 * sizeof(BlockQ8_0) + offsetof(BlockQ8_0, qs) + piece % 2 * 16;
    });
  }
};

/// 32 bytes hold the nibbles of two groups of 32: low ones the first, high ones the second. Vectors come in
/// pairs, low and high nibbles.
struct NibbleGroupsOrder {
  static constexpr int quad(int position) {
    const int vector = position / kQuads;
    const int piece = vector / 2 * kQuads + position % kQuads;
    return piece / 2 * 4 + vector % 2 * 2 + piece % 2;
  }
};

template <int v>
inline Bytes group_nibbles(const std::byte* qs) {
  const Bytes both = load_bytes(qs + v / 2 * sizeof(Bytes));
  return bit_and(v % 2 == 0 ? both : shift_bytes_right<4>(both), splat_bytes(0x0F));
}

/// Sets scales or biases 4 * half to 4 * half + 3 to the bytes of `packed` times `factor`.
inline void set_from_bytes(Ints packed, Floats factor, int half, float (*to)[kLanes]) {
  store_floats(to[4 * half], multiply(factor, byte_to_floats<0>(packed)));
  store_floats(to[4 * half + 1], multiply(factor, byte_to_floats<1>(packed)));
  store_floats(to[4 * half + 2], multiply(factor, byte_to_floats<2>(packed)));
  store_floats(to[4 * half + 3], multiply(factor, byte_to_floats<3>(packed)));
}

/// decode_k_scales(), four scales to a word and kLanes rows at once: d, dmin and the packed scales are the
/// first 16 bytes of a block.
inline void begin_k_scales(Strip& strip) {
  Ints words[4];
  load_words([&](int row) { return load_piece(strip.rows[row]); }, words);
  const Floats d = low_halves_to_floats(words[0]);
  const Floats minus_dmin = negate(low_halves_to_floats(shift_right<16>(words[0])));
  const Ints low_six = splat_ints(0x3F3F3F3F);
  const Ints low_four = splat_ints(0x0F0F0F0F);
  const Ints bits_four_and_five = splat_ints(0x30303030);
  set_from_bytes(bit_and(words[1], low_six), d, 0, strip.scales);
  set_from_bytes(bit_and(words[2], low_six), minus_dmin, 0, strip.biases);
  set_from_bytes(bit_or(bit_and(words[3], low_four), bit_and(shift_right<2>(words[1]), bits_four_and_five)),
                 d, 1, strip.scales);
  set_from_bytes(bit_or(bit_and(shift_right<4>(words[3]), low_four),
                        bit_and(shift_right<2>(words[2]), bits_four_and_five)),
                 minus_dmin, 1, strip.biases);
}

template <>
struct Unpacker<BlockType::kQ4_K> : NibbleGroupsOrder {
  static constexpr int kGroup = 32;
  static constexpr bool kBias = true;
  static constexpr bool kSigned = false;
  static constexpr int kOffset = 0;
  using State = NoState;
  static void begin(Strip& strip, State&) { begin_k_scales(strip); }
  template <int v>
  static Bytes values(const std::byte* row) {
    return group_nibbles<v>(row + offsetof(BlockQ4_K, qs));
  }
};

template <>
struct Unpacker<BlockType::kQ5_K> : NibbleGroupsOrder {
  static constexpr int kGroup = 32;
  static constexpr bool kBias = true;
  static constexpr bool kSigned = false;
  static constexpr int kOffset = 0;
  using State = NoState;
  static void begin(Strip& strip, State&) { begin_k_scales(strip); }
  template <int v>
  static Bytes values(const std::byte* row) {
    // Bit g of byte i of qh is the fifth bit of element i of group g.
    constexpr int kPiece = v / 2 * kQuads;
    constexpr int kFirstGroup = kPiece / 2 * 2 + v % 2;
    const Bytes all = load_repeated_32(row + offsetof(BlockQ5_K, qh), kPiece % 2);
    const Bytes fifth = bit_and(shift_quads_right<kFirstGroup, kFirstGroup + 2>(all), splat_bytes(1));
    return bit_or(group_nibbles<v>(row + offsetof(BlockQ5_K, qs)), shift_bytes_left<4>(fifth));
  }
};

template <>
struct Unpacker<BlockType::kQ6_K> {
  static constexpr int kGroup = 16;
  static constexpr bool kBias = false;
  static constexpr bool kSigned = false;
  static constexpr int kOffset = 32;
  /// 64 bytes hold the low four bits of 128 columns: low nibbles the first 64, high ones the others.
  static constexpr int quad(int position) {
    const int vector = position / kQuads;
    const int piece = vector / 2 * kQuads + position % kQuads;
    return piece / 4 * 8 + vector % 2 * 4 + piece % 4;
  }
  using State = NoState;
  static void begin(Strip& strip, State&) {
    uint16_t halves[kLanes];
    for (int lane = 0; lane < kLanes; ++lane) {
      __builtin_memcpy(&halves[lane], strip.rows[lane] + offsetof(BlockQ6_K, d), 2);
    }
    Ints words[4];
    load_words([&](int row) { return load_piece(strip.rows[row] + offsetof(BlockQ6_K, scales)); }, words);
    const Floats d = load_halves(halves);
    for (int i = 0; i < 4; ++i) {
      store_floats(strip.scales[4 * i],
                   multiply(d, to_floats(shift_right_signed<24>(shift_left<24>(words[i])))));
      store_floats(strip.scales[4 * i + 1],
                   multiply(d, to_floats(shift_right_signed<24>(shift_left<16>(words[i])))));
      store_floats(strip.scales[4 * i + 2],
                   multiply(d, to_floats(shift_right_signed<24>(shift_left<8>(words[i])))));
      store_floats(strip.scales[4 * i + 3], multiply(d, to_floats(shift_right_signed<24>(words[i]))));
    }
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    // 32 bytes of qh to 128 columns, two bits for each 32 of them from the lowest up.
    constexpr int kPiece = v / 2 * kQuads;
    constexpr int kShift = kPiece % 4 / 2 * 2 + v % 2 * 4;
    const Bytes all = load_repeated_32(row + offsetof(BlockQ6_K, qh) + kPiece / 4 * 32, kPiece % 2);
    const Bytes high = bit_and(shift_quads_right<kShift, kShift + 2>(all), splat_bytes(3));
    return bit_or(group_nibbles<v>(row), shift_bytes_left<4>(high));
  }
};

template <>
struct Unpacker<BlockType::kIQ4_XS> : NibbleBlocksOrder {
  static constexpr int kGroup = 32;
  static constexpr bool kBias = false;
  static constexpr bool kSigned = true;
  static constexpr int kOffset = 0;
  using State = NoState;
  template <int j>
  static void set_scale(const Ints (&words)[4], Floats d, Strip& strip) {
    // d, the high bit pairs and the low nibbles of the scales are the first two words.
    const Ints low = bit_and(shift_right<4 * j>(words[1]), splat_ints(0x0F));
    const Ints high = bit_and(shift_right<16 + 2 * j>(words[0]), splat_ints(3));
    const Ints scale = add(bit_or(low, shift_left<4>(high)), splat_ints(-32));
    store_floats(strip.scales[j], multiply(d, to_floats(scale)));
  }
  static void begin(Strip& strip, State&) {
    Ints words[4];
    load_words([&](int row) { return load_piece(strip.rows[row]); }, words);
    const Floats d = low_halves_to_floats(words[0]);
    set_scale<0>(words, d, strip);
    set_scale<1>(words, d, strip);
    set_scale<2>(words, d, strip);
    set_scale<3>(words, d, strip);
    set_scale<4>(words, d, strip);
    set_scale<5>(words, d, strip);
    set_scale<6>(words, d, strip);
    set_scale<7>(words, d, strip);
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    constexpr int kPiece = v / 2 * kQuads;
    const Bytes both = load_bytes(row + offsetof(BlockIQ4_XS, qs) + kPiece * 16);
    return lookup(kIq4Levels.data(),
                  bit_and(v % 2 == 0 ? both : shift_bytes_right<4>(both), splat_bytes(0x0F)));
  }
};

}  // namespace
}  // namespace hearth::cpu
