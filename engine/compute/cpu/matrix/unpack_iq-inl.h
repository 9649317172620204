// The IQ types of two and three bits decoded by vectors: what decode_iq_blocks-inl.h says in plain C++.
// Groups of eight weights are points of a grid (iq_grids.h) whose signs are stored apart, so that a vector's
// points are looked up one by one and its signs set all at once.
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

/// values<v>(row) is vector v of a row's part of a chunk.
template <BlockType type>
struct GridValues;

template <>
struct GridValues<BlockType::kIQ2_XXS> {
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
};

template <>
struct GridValues<BlockType::kIQ2_XS> {
  template <int v>
  static Bytes values(const std::byte* row) {
    const std::byte* const qs = row + offsetof(BlockIQ2_XS, qs) + 2 * v * kVectorPoints;
    const auto code = [=](int i) { return load_number<uint16_t>(qs + 2 * i); };
    return negate_where(look_up_eights(kIq2XsGrid, [=](int i) { return code(i) & 511; }),
                        join_signs([=](int i) { return kEvenParitySigns.of[code(i) >> 9]; }));
  }
};

template <>
struct GridValues<BlockType::kIQ2_S> {
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
struct GridValues<BlockType::kIQ3_XXS> {
  using Block = BlockIQ3_XXS;
  static constexpr int64_t kSigns = offsetof(Block, qs) + 64;
  template <int v>
  static Bytes values(const std::byte* row) {
    constexpr int kFirst = v * kVectorPoints;
    const std::byte* const qs = row + offsetof(Block, qs) + 2 * kFirst;
    return negate_where(look_up_fours(kIq3XxsGrid, [=](int i) { return load_number<uint8_t>(qs + i); }),
                        join_signs([=](int i) { return signs_of_28_bits(row + kSigns, 4, kFirst + i); }));
  }
};

template <>
struct GridValues<BlockType::kIQ3_S> {
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
};

template <BlockType type, int v = 0>
inline void decode_grid_values(const std::byte* row, int8_t* values) {
  if constexpr (v < kChunkVectors) {
    store_bytes(values + v * sizeof(Bytes), GridValues<type>::template values<v>(row));
    decode_grid_values<type, v + 1>(row, values);
  }
}

/// A call, as this is much code that all ways of multiplying share.
template <BlockType type>
__attribute__((noinline)) void decode_grid_chunk(const std::byte* row, DecodedChunk& to) {
  Decoder<type>::decode_scales(*reinterpret_cast<const typename Decoder<type>::Block*>(row), to.scales);
  decode_grid_values<type>(row, to.values);
}

template <>
inline void decode_whole_chunk<BlockType::kIQ2_XXS>(const std::byte* row, DecodedChunk& to) {
  decode_grid_chunk<BlockType::kIQ2_XXS>(row, to);
}
template <>
inline void decode_whole_chunk<BlockType::kIQ2_XS>(const std::byte* row, DecodedChunk& to) {
  decode_grid_chunk<BlockType::kIQ2_XS>(row, to);
}
template <>
inline void decode_whole_chunk<BlockType::kIQ2_S>(const std::byte* row, DecodedChunk& to) {
  decode_grid_chunk<BlockType::kIQ2_S>(row, to);
}
template <>
inline void decode_whole_chunk<BlockType::kIQ3_XXS>(const std::byte* row, DecodedChunk& to) {
  decode_grid_chunk<BlockType::kIQ3_XXS>(row, to);
}
template <>
inline void decode_whole_chunk<BlockType::kIQ3_S>(const std::byte* row, DecodedChunk& to) {
  decode_grid_chunk<BlockType::kIQ3_S>(row, to);
}

}  // namespace
}  // namespace hearth::cpu
