// Unpackers of the types in super-blocks of 256 elements: see unpack-inl.h.
namespace hearth::cpu {
namespace {

/// 32 bytes hold the nibbles of two groups of 32: low ones the first, high ones the second. Vectors of low
/// nibbles come before those of the same bytes' high ones: one and one, or, where it takes two to hold a
/// group, two and two, as these then add up (strip_product-inl.h).
struct NibbleGroupsOrder {
  static constexpr int kRun = kQuads == 1 ? 2 : 1;
  /// Which of the vectors of bytes vector v is in, and whether in the high nibbles.
  static constexpr int source(int v) { return v / (2 * kRun) * kRun + v % kRun; }
  static constexpr bool is_high(int v) { return v / kRun % 2 == 1; }
  static constexpr int quad(int position) {
    const int vector = position / kQuads;
    const int piece = source(vector) * kQuads + position % kQuads;
    return piece / 2 * 4 + (is_high(vector) ? 2 : 0) + piece % 2;
  }
};

/// The low or the high nibbles of vector `source` of bytes.
template <int source, bool high>
inline Bytes nibbles(const std::byte* qs) {
  return nibbles_of<high>(load_bytes(qs + source * sizeof(Bytes)));
}

template <int byte>
inline F32 byte_to_f32(Ints v, int32_t offset) {
  const Ints value = bit_and(shift_right<8 * byte>(v), splat_ints(0xFF));
  return to_f32(offset == 0 ? value : add(value, splat_ints(offset)));
}

/// Sets scales or biases 4i to 4i + 3 to (byte of `packed` + offset) * factor.
inline void set_from_bytes(Ints packed, F32 factor, int i, float (*to)[kLanes], int32_t offset = 0) {
  store(to[4 * i], factor * byte_to_f32<0>(packed, offset));
  store(to[4 * i + 1], factor * byte_to_f32<1>(packed, offset));
  store(to[4 * i + 2], factor * byte_to_f32<2>(packed, offset));
  store(to[4 * i + 3], factor * byte_to_f32<3>(packed, offset));
}

/// The 16 bytes of a block from byte `first`, and perhaps those from byte `second`, are its headers.
template <size_t first, size_t second = 0>
struct HeadersAt {
  template <int i>
  static Piece header(const std::byte* row) {
    constexpr size_t kAt[] = {first, second};
    return load_piece(row + kAt[i]);
  }
};

/// decode_k_scales(), four scales to a word and kLanes rows at once: d, dmin and the packed scales are the
/// first 16 bytes of a block.
inline void set_k_scales(const Ints (&words)[4], Strip& strip) {
  const F32 d = halves_to_f32(words[0]);
  const F32 minus_dmin = -halves_to_f32(shift_right<16>(words[0]));
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
struct Unpacker<BlockType::kQ4_K> : DirectUnpacker<32, true, false, 0, 15>, NibbleGroupsOrder, HeadersAt<0> {
  static void set_scales(const Ints (&words)[1][4], Strip& strip) { set_k_scales(words[0], strip); }
  template <int v>
  static Bytes values(const std::byte* row) {
    return nibbles<source(v), is_high(v)>(row + offsetof(BlockQ4_K, qs));
  }

  static constexpr int kPeriod = 4;
  static constexpr int kPieces = 2;
  template <class Rows>
  static void load_period(const Rows& rows, int period, Ints (&words)[kPieces][4]) {
    const int64_t qs = offsetof(BlockQ4_K, qs) + 32 * period;
    load_columns(rows, qs, words[0]);
    load_columns(rows, qs + 16, words[1]);
  }
  template <int quad, int i>
  static Bytes columns(const Ints (&words)[kPieces][4]) {
    return nibbles_of<quad / 2 == 1>(words[quad % 2][i]);
  }
};

template <>
struct Unpacker<BlockType::kQ5_K> : DirectUnpacker<32, true, false, 0, 31>, NibbleGroupsOrder, HeadersAt<0> {
  static void set_scales(const Ints (&words)[1][4], Strip& strip) { set_k_scales(words[0], strip); }
  template <int v>
  static Bytes values(const std::byte* row) {
    // Bit g of byte i of qh is the fifth bit of element i of group g.
    constexpr int kPiece = source(v) * kQuads;
    constexpr int kFirstGroup = kPiece / 2 * 2 + (is_high(v) ? 1 : 0);
    const Bytes all = load_repeated_32(row + offsetof(BlockQ5_K, qh), kPiece % 2);
    const Bytes fifth = shift_quads_right<kFirstGroup - 4, kFirstGroup - 2>(all);
    return insert_bits(nibbles<source(v), is_high(v)>(row + offsetof(BlockQ5_K, qs)), fifth, 1 << 4);
  }

  /// Two pieces of nibbles, then two whose lowest bits are the fifth of the first group's, and the next the
  /// second's.
  static constexpr int kPeriod = 4;
  static constexpr int kPieces = 4;
  template <class Rows>
  static void load_period(const Rows& rows, int period, Ints (&words)[kPieces][4]) {
    for (int piece = 0; piece < 2; ++piece) {
      load_columns(rows, offsetof(BlockQ5_K, qs) + 32 * period + 16 * piece, words[piece]);
      load_columns(rows, offsetof(BlockQ5_K, qh) + 16 * piece, words[2 + piece]);
      for (Ints& bits : words[2 + piece]) bits = shift_bytes_right(bits, 2 * period);
    }
  }
  template <int quad, int i>
  static Bytes columns(const Ints (&words)[kPieces][4]) {
    const Bytes fifth = bit_and(shift_bytes_left<4 - quad / 2>(words[2 + quad % 2][i]), splat_bytes(1 << 4));
    return bit_or(nibbles_of<quad / 2 == 1>(words[quad % 2][i]), fifth);
  }
};

template <>
struct Unpacker<BlockType::kQ6_K> : DirectUnpacker<16, false, false, 32, 63, 2>,
                                    HeadersAt<offsetof(BlockQ6_K, scales), sizeof(BlockQ6_K) - 16> {
  /// 64 bytes hold the low four bits of 128 columns: low nibbles the first 64, high ones the others.
  static constexpr int quad(int position) {
    const int vector = position / kQuads;
    const int piece = vector / 2 * kQuads + position % kQuads;
    return piece / 4 * 8 + vector % 2 * 4 + piece % 4;
  }
  static void set_scales(const Ints (&words)[2][4], Strip& strip) {
    const F32 d = halves_to_f32(shift_right<16>(words[1][3]));
    for (int i = 0; i < 4; ++i) {
      const Ints four = words[0][i];
      store(strip.scales[4 * i], d * to_f32(shift_right_signed<24>(shift_left<24>(four))));
      store(strip.scales[4 * i + 1], d * to_f32(shift_right_signed<24>(shift_left<16>(four))));
      store(strip.scales[4 * i + 2], d * to_f32(shift_right_signed<24>(shift_left<8>(four))));
      store(strip.scales[4 * i + 3], d * to_f32(shift_right_signed<24>(four)));
    }
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    // 32 bytes of qh to 128 columns, two bits for each 32 of them from the lowest up.
    constexpr int kPiece = v / 2 * kQuads;
    constexpr int kShift = kPiece % 4 / 2 * 2 + v % 2 * 4;
    const Bytes all = load_repeated_32(row + offsetof(BlockQ6_K, qh) + kPiece / 4 * 32, kPiece % 2);
    const Bytes high = shift_quads_right<kShift - 4, kShift - 2>(all);
    return insert_bits(nibbles<v / 2, v % 2 == 1>(row), high, 3 << 4);
  }

  /// Four pieces of nibbles, then two of bit pairs.
  static constexpr int kPeriod = 8;
  static constexpr int kPieces = 6;
  template <class Rows>
  static void load_period(const Rows& rows, int period, Ints (&words)[kPieces][4]) {
    for (int i = 0; i < 4; ++i) load_columns(rows, 64 * period + 16 * i, words[i]);
    for (int i = 0; i < 2; ++i) {
      load_columns(rows, offsetof(BlockQ6_K, qh) + 32 * period + 16 * i, words[4 + i]);
    }
  }
  template <int quad, int i>
  static Bytes columns(const Ints (&words)[kPieces][4]) {
    constexpr int kShift = quad / 2 * 2 - 4;  // to the right
    const Ints pairs = words[4 + quad % 2][i];
    const Bytes high =
        kShift < 0 ? shift_bytes_left<-kShift & 7>(pairs) : shift_bytes_right<kShift & 7>(pairs);
    return bit_or(nibbles_of<quad / 4 == 1>(words[quad % 4][i]), bit_and(high, splat_bytes(3 << 4)));
  }
};

/// 32 bytes hold the bit pairs of four times 32 columns, from the lowest up. Vectors come in fours, by pair.
struct BitPairsOrder {
  static constexpr int quad(int position) {
    const int vector = position / kQuads;
    const int piece = vector / 4 * kQuads + position % kQuads;
    return piece / 2 * 8 + vector % 4 * 2 + piece % 2;
  }
};

/// Columns of such types, 128 at a time.
template <int64_t first>
struct BitPairColumns {
  static constexpr int kPeriod = 8;
  static constexpr int kPieces = 2;
  template <class Rows>
  static void load_period(const Rows& rows, int period, Ints (&words)[kPieces][4]) {
    load_columns(rows, first + 32 * period, words[0]);
    load_columns(rows, first + 32 * period + 16, words[1]);
  }
  template <int quad, int i>
  static Bytes columns(const Ints (&words)[kPieces][4]) {
    return bit_and(shift_bytes_right<quad / 2 * 2>(words[quad % 2][i]), splat_bytes(3));
  }
};

template <int v>
inline Bytes bit_pairs(const std::byte* qs) {
  const Bytes shifted = shift_bytes_right<v % 4 * 2>(load_bytes(qs + v / 4 * sizeof(Bytes)));
  return kShiftsBytes && v % 4 == 3 ? shifted : bit_and(shifted, splat_bytes(3));
}

template <>
struct Unpacker<BlockType::kQ2_K> : DirectUnpacker<16, true, false, 0, 3, 2>,
                                    BitPairsOrder,
                                    BitPairColumns<offsetof(BlockQ2_K, qs)>,
                                    HeadersAt<offsetof(BlockQ2_K, scales), sizeof(BlockQ2_K) - 16> {
  static void set_scales(const Ints (&words)[2][4], Strip& strip) {
    const F32 d = halves_to_f32(words[1][3]);
    const F32 minus_dmin = -halves_to_f32(shift_right<16>(words[1][3]));
    const Ints low_four = splat_ints(0x0F0F0F0F);
    for (int i = 0; i < 4; ++i) {
      set_from_bytes(bit_and(words[0][i], low_four), d, i, strip.scales);
      set_from_bytes(bit_and(shift_right<4>(words[0][i]), low_four), minus_dmin, i, strip.biases);
    }
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    return bit_pairs<v>(row + offsetof(BlockQ2_K, qs));
  }
};

template <>
struct Unpacker<BlockType::kQ3_K>
    : DirectUnpacker<16, false, false, 4, 7>, BitPairsOrder, HeadersAt<sizeof(BlockQ3_K) - 16> {
  /// get_q3_scale() of four sub-blocks, 4t to 4t + 3.
  template <int t>
  static Ints packed_scales(Ints nibbles, Ints pairs) {
    const Ints low = bit_and(shift_right<t / 2 * 4>(nibbles), splat_ints(0x0F0F0F0F));
    return bit_or(low, shift_left<4>(bit_and(shift_right<2 * t>(pairs), splat_ints(0x03030303))));
  }
  static void set_scales(const Ints (&words)[1][4], Strip& strip) {
    // The last 16 bytes: two of qs, twelve of scales, d.
    const Ints(&last)[4] = words[0];
    const F32 d = halves_to_f32(shift_right<16>(last[3]));
    Ints scales[3];
    for (int i = 0; i < 3; ++i) scales[i] = bit_or(shift_right<16>(last[i]), shift_left<16>(last[i + 1]));
    set_from_bytes(packed_scales<0>(scales[0], scales[2]), d, 0, strip.scales, -32);
    set_from_bytes(packed_scales<1>(scales[1], scales[2]), d, 1, strip.scales, -32);
    set_from_bytes(packed_scales<2>(scales[0], scales[2]), d, 2, strip.scales, -32);
    set_from_bytes(packed_scales<3>(scales[1], scales[2]), d, 3, strip.scales, -32);
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    // Bit g of byte i of hmask is the third bit of element i of group g of 32.
    constexpr int kPiece = v / 4 * kQuads;
    constexpr int kFirstGroup = kPiece / 2 * 4 + v % 4;
    const Bytes all = load_repeated_32(row + offsetof(BlockQ3_K, hmask), kPiece % 2);
    const Bytes third = shift_quads_right<kFirstGroup - 2, kFirstGroup + 2>(all);
    return insert_bits(bit_pairs<v>(row + offsetof(BlockQ3_K, qs)), third, 1 << 2);
  }

  /// Two pieces of bit pairs, then two whose lowest four bits are the third of the period's groups of 32.
  using Pairs = BitPairColumns<offsetof(BlockQ3_K, qs)>;
  static constexpr int kPeriod = Pairs::kPeriod;
  static constexpr int kPieces = 4;
  template <class Rows>
  static void load_period(const Rows& rows, int period, Ints (&words)[kPieces][4]) {
    for (int piece = 0; piece < 2; ++piece) {
      load_columns(rows, offsetof(BlockQ3_K, qs) + 32 * period + 16 * piece, words[piece]);
      load_columns(rows, offsetof(BlockQ3_K, hmask) + 16 * piece, words[2 + piece]);
      for (Ints& bits : words[2 + piece]) bits = shift_bytes_right(bits, 4 * period);
    }
  }
  template <int quad, int i>
  static Bytes columns(const Ints (&words)[kPieces][4]) {
    constexpr int kBit = quad / 2;
    const Ints bits = words[2 + quad % 2][i];
    const Bytes third =
        kBit < 2 ? shift_bytes_left<(2 - kBit) & 3>(bits) : shift_bytes_right<(kBit - 2) & 3>(bits);
    const Bytes pair = shift_bytes_right<2 * kBit>(words[quad % 2][i]);
    return bit_or(bit_and(pair, splat_bytes(3)), bit_and(third, splat_bytes(1 << 2)));
  }
};

template <>
struct Unpacker<BlockType::kTQ2_0> : DirectUnpacker<32, false, false, 1, 3>,
                                     BitPairsOrder,
                                     BitPairColumns<offsetof(BlockTQ2_0, qs)>,
                                     HeadersAt<sizeof(BlockTQ2_0) - 16> {
  static void set_scales(const Ints (&words)[1][4], Strip& strip) {
    const F32 d = halves_to_f32(shift_right<16>(words[0][3]));
    for (int j = 0; j < kChunkBlocks; ++j) store(strip.scales[j], d);
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    return bit_pairs<v>(row + offsetof(BlockTQ2_0, qs));
  }
};

template <>
struct Unpacker<BlockType::kIQ4_XS> : DirectUnpacker<32, false, true, 0, kLargestByte>,
                                      NibbleBlocksOrder,
                                      LevelsOf<BlockNibbles<16, offsetof(BlockIQ4_XS, qs)>, kIq4Levels>,
                                      HeadersAt<0> {
  template <int j>
  static void set_scale(const Ints (&words)[4], F32 d, Strip& strip) {
    // d, the high bit pairs and the low nibbles of the scales are the first two words.
    const Ints low = bit_and(shift_right<4 * j>(words[1]), splat_ints(0x0F));
    const Ints high = bit_and(shift_right<16 + 2 * j>(words[0]), splat_ints(3));
    const Ints scale = add(bit_or(low, shift_left<4>(high)), splat_ints(-32));
    store(strip.scales[j], d * to_f32(scale));
  }
  static void set_scales(const Ints (&words)[1][4], Strip& strip) {
    const F32 d = halves_to_f32(words[0][0]);
    set_scale<0>(words[0], d, strip);
    set_scale<1>(words[0], d, strip);
    set_scale<2>(words[0], d, strip);
    set_scale<3>(words[0], d, strip);
    set_scale<4>(words[0], d, strip);
    set_scale<5>(words[0], d, strip);
    set_scale<6>(words[0], d, strip);
    set_scale<7>(words[0], d, strip);
  }
  template <int v>
  static Bytes values(const std::byte* row) {
    return shuffle_in_quads(splat_piece(kIq4Levels.data()),
                            nibbles<v / 2, v % 2 == 1>(row + offsetof(BlockIQ4_XS, qs)));
  }
};

}  // namespace
}  // namespace hearth::cpu
