// The IQ types of two and three bits decoded by vectors: what decode_iq_blocks-inl.h says in plain C++.
// Groups of eight weights are points of a grid (iq_grids.h) whose signs are stored apart, so that a vector's
// points are looked up one by one and its signs set all at once.
#include "engine/compute/cpu/simd/unroll.h"
#include "engine/format/iq_grids.h"

namespace hearth::cpu {
namespace {

/// Groups of eight in a vector, and in a chunk.
constexpr int kVectorPoints = 2 * kQuads;
constexpr int kChunkPoints = kChunkColumns / 8;

/// A byte for each group of a row's part of a chunk.
struct PointSigns {
  uint8_t of[kChunkPoints];
};

/// A vector's signs where one byte after the other holds a group's.
inline uint64_t load_signs(const void* from) {
  uint64_t signs = 0;
  __builtin_memcpy(&signs, from, kVectorPoints);
  return signs;
}

/// Signs of which seven bits are stored, with the eighth: their parity. A number's bytes each hold seven, or
/// its only one does; `ones` is 1 in each of these.
template <class Number>
constexpr Number with_parities(Number sevens, Number ones) {
  // Of each byte, what comes from the next one stays above what counts.
  Number odd = sevens ^ sevens >> 4;
  odd ^= odd >> 2;
  odd ^= odd >> 1;
  return sevens | (odd & ones) << 7;
}

/// The signs of all groups, four times seven bits in the low ones of four bytes at `from`, the next four
/// `stride` bytes on.
template <int stride>
inline void unpack_signs(const std::byte* from, PointSigns& to) {
  uint32_t fours[kChunkPoints / 4];
  for (int j = 0; j < kChunkPoints / 4; ++j) {
    const auto bits = load_number<uint32_t>(from + j * stride);
    const uint32_t pairs = (bits & 0x3FFF) | (bits & 0x3FFF << 14) << 2;
    const uint32_t sevens = (pairs & 0x007F007F) | (pairs & 0x3F803F80) << 1;
    fours[j] = with_parities(sevens, 0x01010101U);
  }
  __builtin_memcpy(to.of, fours, sizeof fours);
}

/// The points of a vector whose groups are grid[index_of(i)].
template <class Grid, class IndexOf>
inline Bytes look_up_eights(const Grid& grid, IndexOf index_of) {
  return join_pieces([&](int q) {
    return join_eights(grid[static_cast<size_t>(index_of(2 * q))],
                       grid[static_cast<size_t>(index_of(2 * q + 1))]);
  });
}
/// Likewise of half groups.
template <class Grid, class IndexOf>
inline Bytes look_up_fours(const Grid& grid, IndexOf index_of) {
  const auto four = [&](int i) { return grid[static_cast<size_t>(index_of(i))]; };
  return join_pieces(
      [&](int q) { return join_fours(four(4 * q), four(4 * q + 1), four(4 * q + 2), four(4 * q + 3)); });
}

/// A row's part of a chunk of a type, with what is found of all its groups before they are looked up;
/// values<v>() is vector v of it.
template <BlockType type>
struct GridPoints;

template <>
struct GridPoints<BlockType::kIQ2_XXS> {
  const std::byte* codes;
  PointSigns signs;

  explicit GridPoints(const std::byte* row) : codes(row + offsetof(BlockIQ2_XXS, qs)) {
    unpack_signs<8>(codes + 4, signs);
  }
  template <int v>
  Bytes values() const {
    constexpr int kFirst = v * kVectorPoints;
    const auto code = [&](int i) {
      return load_number<uint8_t>(codes + (kFirst + i) / 4 * 8 + (kFirst + i) % 4);
    };
    return negate_where(look_up_eights(kIq2XxsGrid, code), load_signs(signs.of + kFirst));
  }
};

template <>
struct GridPoints<BlockType::kIQ2_XS> {
  const std::byte* codes;
  PointSigns signs;

  explicit GridPoints(const std::byte* row) : codes(row + offsetof(BlockIQ2_XS, qs)) {
    for (int i = 0; i < kChunkPoints; ++i) {
      const auto sevens = static_cast<uint16_t>(load_number<uint16_t>(codes + 2 * i) >> 9);
      signs.of[i] = static_cast<uint8_t>(with_parities<uint16_t>(sevens, 1));
    }
  }
  template <int v>
  Bytes values() const {
    constexpr int kFirst = v * kVectorPoints;
    const auto index = [&](int i) { return load_number<uint16_t>(codes + 2 * (kFirst + i)) & 511; };
    return negate_where(look_up_eights(kIq2XsGrid, index), load_signs(signs.of + kFirst));
  }
};

template <>
struct GridPoints<BlockType::kIQ2_S> {
  const std::byte* codes;
  const std::byte* high;  // two bits of each index
  const std::byte* signs;

  explicit GridPoints(const std::byte* row)
      : codes(row + offsetof(BlockIQ2_S, qs)),
        high(row + offsetof(BlockIQ2_S, qh)),
        signs(codes + kChunkPoints) {}
  template <int v>
  Bytes values() const {
    constexpr int kFirst = v * kVectorPoints;
    const auto index = [&](int i) {
      const int four = load_number<uint8_t>(high + (kFirst + i) / 4);
      return load_number<uint8_t>(codes + kFirst + i) | (four << (8 - (kFirst + i) % 4 * 2) & 0x300);
    };
    return negate_where(look_up_eights(kIq2SGrid, index), load_signs(signs + kFirst));
  }
};

template <>
struct GridPoints<BlockType::kIQ3_XXS> {
  static constexpr int64_t kSigns = offsetof(BlockIQ3_XXS, qs) + 2 * kChunkPoints;
  const std::byte* codes;
  PointSigns signs;

  explicit GridPoints(const std::byte* row) : codes(row + offsetof(BlockIQ3_XXS, qs)) {
    unpack_signs<4>(row + kSigns, signs);
  }
  template <int v>
  Bytes values() const {
    constexpr int kFirst = v * kVectorPoints;
    const auto code = [&](int i) { return load_number<uint8_t>(codes + 2 * kFirst + i); };
    return negate_where(look_up_fours(kIq3XxsGrid, code), load_signs(signs.of + kFirst));
  }
};

template <>
struct GridPoints<BlockType::kIQ3_S> {
  const std::byte* codes;
  const std::byte* high;  // a bit of each index
  const std::byte* signs;

  explicit GridPoints(const std::byte* row)
      : codes(row + offsetof(BlockIQ3_S, qs)),
        high(row + offsetof(BlockIQ3_S, qh)),
        signs(row + offsetof(BlockIQ3_S, signs)) {}
  template <int v>
  Bytes values() const {
    constexpr int kFirst = v * kVectorPoints;
    const auto index = [&](int i) {
      const int eight = load_number<uint8_t>(high + (2 * kFirst + i) / 8);
      const int bit = (2 * kFirst + i) % 8;
      return load_number<uint8_t>(codes + 2 * kFirst + i) | (eight << (8 - bit) & 0x100);
    };
    return negate_where(look_up_fours(kIq3SGrid, index), load_signs(signs + kFirst));
  }
};

template <BlockType type, int v = 0>
inline void look_up_values(const GridPoints<type>& points, int8_t* values) {
  if constexpr (v < kChunkVectors) {
    store_bytes(values + v * sizeof(Bytes), points.template values<v>());
    look_up_values<type, v + 1>(points, values);
  }
}

/// A call, as this is much code that all ways of multiplying share.
template <BlockType type>
__attribute__((noinline)) void look_up_chunk(const std::byte* row, DecodedChunk& to) {
  const GridPoints<type> points(row);
  look_up_values(points, to.values);
}

/// What the unpackers of these types share: values are decoded row by row, but not scales.
template <BlockType type, int largest, int headers>
struct GridUnpacker : DecodedValues {
  static constexpr bool kBlockHeaders = true;
  static constexpr int kHeaders = headers;
  static constexpr int kGroup = Decoder<type>::kGroup;
  static constexpr bool kBias = false;
  static constexpr int kLargest = largest;

  static void decode(const std::byte* row, DecodedChunk& to) { look_up_chunk<type>(row, to); }
};

/// The first `count` times four bits of every lane become scales from `first` on.
template <int count, class ScaleOf>
inline void set_scales_of_nibbles(Ints nibbles, int first, ScaleOf scale_of, Strip& strip) {
  if constexpr (count > 0) {
    set_scales_of_nibbles<count - 1>(nibbles, first, scale_of, strip);
    const Ints nibble = bit_and(shift_right<4 * (count - 1)>(nibbles), splat_ints(15));
    store(strip.scales[first + count - 1], scale_of(to_f32(nibble)));
  }
}

/// iq2_scale() of every lane.
inline F32 iq2_scales(F32 d, F32 nibbles) { return d * (broadcast(0.5F) + nibbles) * broadcast(0.25F); }

template <>
struct Unpacker<BlockType::kIQ2_XXS> : GridUnpacker<BlockType::kIQ2_XXS, 43, 5> {
  /// Four pieces of codes, each of two groups whose scales are the highest bits, and d.
  template <int i>
  static Piece header(const std::byte* row) {
    return load_piece(i < 4 ? row + offsetof(BlockIQ2_XXS, qs) + 16 * i : row);
  }
  static void set_scales(const Ints (&words)[5][4], Strip& strip) {
    const F32 d = halves_to_f32(words[4][0]);
    for (int i = 0; i < 4; ++i) {
      store(strip.scales[2 * i], iq2_scales(d, to_f32(shift_right<28>(words[i][1]))));
      store(strip.scales[2 * i + 1], iq2_scales(d, to_f32(shift_right<28>(words[i][3]))));
    }
  }
};

/// d is a block's first two bytes, scales the last eight.
template <class Block>
struct Iq2Scales : HeadersAt<0, sizeof(Block) - 16> {
  static void set_scales(const Ints (&words)[2][4], Strip& strip) {
    const F32 d = halves_to_f32(words[0][0]);
    const auto scale_of = [=](F32 nibbles) { return iq2_scales(d, nibbles); };
    set_scales_of_nibbles<8>(words[1][2], 0, scale_of, strip);
    set_scales_of_nibbles<8>(words[1][3], 8, scale_of, strip);
  }
};
template <>
struct Unpacker<BlockType::kIQ2_XS> : GridUnpacker<BlockType::kIQ2_XS, 43, 2>, Iq2Scales<BlockIQ2_XS> {};
template <>
struct Unpacker<BlockType::kIQ2_S> : GridUnpacker<BlockType::kIQ2_S, 43, 2>, Iq2Scales<BlockIQ2_S> {};

template <>
struct Unpacker<BlockType::kIQ3_XXS> : GridUnpacker<BlockType::kIQ3_XXS, 62, 3> {
  /// Signs, above which scales are the highest bits, and d.
  template <int i>
  static Piece header(const std::byte* row) {
    return load_piece(i < 2 ? row + GridPoints<BlockType::kIQ3_XXS>::kSigns + 16 * i : row);
  }
  static void set_scales(const Ints (&words)[3][4], Strip& strip) {
    const F32 d = halves_to_f32(words[2][0]);
    for (int j = 0; j < kChunkBlocks; ++j) {
      const F32 nibbles = to_f32(shift_right<28>(words[j / 4][j % 4]));
      store(strip.scales[j], d * (broadcast(0.5F) + nibbles) * broadcast(0.5F));
    }
  }
};

template <>
struct Unpacker<BlockType::kIQ3_S> : GridUnpacker<BlockType::kIQ3_S, 15, 2>,
                                     HeadersAt<0, sizeof(BlockIQ3_S) - 16> {
  static void set_scales(const Ints (&words)[2][4], Strip& strip) {
    const F32 d = halves_to_f32(words[0][0]);
    const auto scale_of = [=](F32 nibbles) { return d * (broadcast(1.0F) + nibbles + nibbles); };
    set_scales_of_nibbles<8>(words[1][3], 0, scale_of, strip);
  }
};

}  // namespace
}  // namespace hearth::cpu
