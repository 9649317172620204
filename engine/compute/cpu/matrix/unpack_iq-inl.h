// Unpackers of the IQ types of two and three bits: see unpack-inl.h. Groups of eight weights are points of a
// grid (iq_grids.h) whose signs are stored apart, so that a vector's points are looked up one by one and its
// signs set all at once.
#include "engine/compute/cpu/simd/unroll.h"
#include "engine/format/iq_grids.h"

namespace hearth::cpu {
namespace {

/// Groups of eight in a vector.
constexpr int kVectorPoints = 2 * kQuads;

/// Signs of a group by the seven bits that are stored of them.
struct EvenParitySigns {
  constexpr EvenParitySigns() {
    for (uint32_t bits = 0; bits < 128; ++bits) of[bits] = signs_with_even_parity(bits);
  }
  uint8_t of[128] = {};
};
constexpr EvenParitySigns kEvenParitySigns;

/// signs_of(i) for each group of a vector, the first in the lowest byte.
template <class SignsOf>
inline uint64_t join_signs(SignsOf signs_of) {
  uint64_t signs = 0;
  HEARTH_UNROLL
  for (int i = 0; i < kVectorPoints; ++i) signs |= uint64_t{signs_of(i)} << 8 * i;
  return signs;
}

/// A vector's signs where one byte after the other holds a group's.
inline uint64_t load_signs(const std::byte* from) {
  uint64_t signs = 0;
  __builtin_memcpy(&signs, from, kVectorPoints);
  return signs;
}

/// The four times seven bits at `from` are the signs of four groups; those of group `group` of all that
/// follow, eight bytes to each four.
inline uint8_t signs_of_28_bits(const std::byte* from, int64_t stride, int group) {
  const auto bits = load_number<uint32_t>(from + group / 4 * stride);
  return kEvenParitySigns.of[bits >> group % 4 * 7 & 127];
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

/// Scales (2n + 1) * factor of nibbles n: four bytes of `packed` hold eight, the lower nibble of each first.
inline void set_odd_scales(Ints packed, F32 factor, float (*to)[kLanes]) {
  Ints rest = packed;
  for (int i = 0; i < 8; ++i) {
    const Ints odd = bit_or(shift_left<1>(bit_and(rest, splat_ints(0x0F))), splat_ints(1));
    store(to[i], factor * to_f32(odd));
    rest = shift_right<4>(rest);
  }
}

template <int group, int headers>
struct GridUnpacker : DirectUnpacker<group, false, true, 0, kLargestByte, headers> {
  static constexpr int quad(int position) { return position; }
};

template <>
struct Unpacker<BlockType::kIQ2_XXS> : GridUnpacker<32, 5> {
  using Block = BlockIQ2_XXS;
  template <int v>
  static Bytes values(const std::byte* row) {
    constexpr int kFirst = v * kVectorPoints;
    const std::byte* const qs = row + offsetof(Block, qs);
    const auto code = [=](int i) {
      return load_number<uint8_t>(qs + (kFirst + i) / 4 * 8 + (kFirst + i) % 4);
    };
    return negate_where(look_up_eights(kIq2XxsGrid, code),
                        join_signs([=](int i) { return signs_of_28_bits(qs + 4, 8, kFirst + i); }));
  }
  /// All of qs, then d.
  template <int i>
  static Piece header(const std::byte* row) {
    return load_piece(row + (i < 4 ? offsetof(Block, qs) + 16 * i : offsetof(Block, d)));
  }
  static void set_scales(const Ints (&words)[5][4], Strip& strip) {
    const F32 factor = halves_to_f32(words[4][0]) * broadcast(0.125F);
    for (int j = 0; j < kChunkBlocks; ++j) {
      const Ints nibble = shift_right<28>(words[j / 2][j % 2 * 2 + 1]);
      store(strip.scales[j], factor * to_f32(bit_or(shift_left<1>(nibble), splat_ints(1))));
    }
  }
};

/// The last eight bytes of a block are sixteen scales, the first two its own.
template <class Block>
struct SixteenOddScales : HeadersAt<0, sizeof(Block) - 16> {
  static void set_scales(const Ints (&words)[2][4], Strip& strip) {
    const F32 factor = halves_to_f32(words[0][0]) * broadcast(0.125F);
    set_odd_scales(words[1][2], factor, strip.scales);
    set_odd_scales(words[1][3], factor, strip.scales + 8);
  }
};

template <>
struct Unpacker<BlockType::kIQ2_XS> : GridUnpacker<16, 2>, SixteenOddScales<BlockIQ2_XS> {
  template <int v>
  static Bytes values(const std::byte* row) {
    const std::byte* const qs = row + offsetof(BlockIQ2_XS, qs) + 2 * v * kVectorPoints;
    const auto code = [=](int i) { return load_number<uint16_t>(qs + 2 * i); };
    return negate_where(look_up_eights(kIq2XsGrid, [=](int i) { return code(i) & 511; }),
                        join_signs([=](int i) { return kEvenParitySigns.of[code(i) >> 9]; }));
  }
};

template <>
struct Unpacker<BlockType::kIQ2_S> : GridUnpacker<16, 2>, SixteenOddScales<BlockIQ2_S> {
  template <int v>
  static Bytes values(const std::byte* row) {
    constexpr int kFirst = v * kVectorPoints;
    const std::byte* const qs = row + offsetof(BlockIQ2_S, qs) + kFirst;
    const std::byte* const qh = row + offsetof(BlockIQ2_S, qh);
    const auto index = [=](int i) {
      const int high = load_number<uint8_t>(qh + (kFirst + i) / 4) >> (kFirst + i) % 4 * 2;
      return load_number<uint8_t>(qs + i) | (high & 3) << 8;
    };
    return negate_where(look_up_eights(kIq2SGrid, index), load_signs(qs + 32));
  }
};

template <>
struct Unpacker<BlockType::kIQ3_XXS> : GridUnpacker<32, 3> {
  using Block = BlockIQ3_XXS;
  static constexpr int64_t kSigns = offsetof(Block, qs) + 64;
  template <int v>
  static Bytes values(const std::byte* row) {
    constexpr int kFirst = v * kVectorPoints;
    const std::byte* const qs = row + offsetof(Block, qs) + 2 * kFirst;
    return negate_where(look_up_fours(kIq3XxsGrid, [=](int i) { return load_number<uint8_t>(qs + i); }),
                        join_signs([=](int i) { return signs_of_28_bits(row + kSigns, 4, kFirst + i); }));
  }
  /// All signs with the scales above them, then d.
  template <int i>
  static Piece header(const std::byte* row) {
    return load_piece(row + (i < 2 ? kSigns + 16 * i : 0));
  }
  static void set_scales(const Ints (&words)[3][4], Strip& strip) {
    const F32 factor = halves_to_f32(words[2][0]) * broadcast(0.25F);
    for (int j = 0; j < kChunkBlocks; ++j) {
      const Ints nibble = shift_right<28>(words[j / 4][j % 4]);
      store(strip.scales[j], factor * to_f32(bit_or(shift_left<1>(nibble), splat_ints(1))));
    }
  }
};

template <>
struct Unpacker<BlockType::kIQ3_S> : GridUnpacker<32, 2>, HeadersAt<0, sizeof(BlockIQ3_S) - 16> {
  template <int v>
  static Bytes values(const std::byte* row) {
    constexpr int kFirst = v * kVectorPoints;
    const std::byte* const qs = row + offsetof(BlockIQ3_S, qs) + 2 * kFirst;
    uint64_t high = 0;  // bit i is the ninth of index i
    __builtin_memcpy(&high, row + offsetof(BlockIQ3_S, qh) + kFirst / 4, (kVectorPoints + 3) / 4);
    if constexpr (kVectorPoints < 4) high >>= kFirst % 4 * 2;
    const auto index = [=](int i) { return load_number<uint8_t>(qs + i) | (high >> i & 1) << 8; };
    return negate_where(look_up_fours(kIq3SGrid, index),
                        load_signs(row + offsetof(BlockIQ3_S, signs) + kFirst));
  }
  static void set_scales(const Ints (&words)[2][4], Strip& strip) {
    set_odd_scales(words[1][3], halves_to_f32(words[0][0]), strip.scales);
  }
};

}  // namespace
}  // namespace hearth::cpu
