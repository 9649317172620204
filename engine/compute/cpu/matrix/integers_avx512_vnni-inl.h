// Integers in vectors of 512 bits: what the matrix kernels are written in besides F32, for AVX-512 with VNNI.
#include <cstddef>
#include <cstdint>

#include "engine/compute/cpu/matrix/load_number-inl.h"
#include "engine/compute/cpu/simd/f32_avx512.h"
// After F32.
#include "engine/compute/cpu/matrix/lanes-inl.h"

namespace hearth::cpu {
namespace {

using Bytes = __m512i;

// Bytes.

inline Bytes load_bytes(const void* from) { return _mm512_loadu_si512(from); }
inline void store_bytes(void* to, Bytes v) { _mm512_store_si512(to, v); }
inline Bytes splat_bytes(int value) { return _mm512_set1_epi8(static_cast<char>(value)); }

/// One quad.
using Piece = __m128i;

inline Piece load_piece(const void* from) { return _mm_loadu_si128(static_cast<const __m128i*>(from)); }
/// `count` 16-bit words of the 128 bytes at `from`, the first at byte `first`, each `stride` bytes after the
/// last.
template <int first, int stride, int count>
inline Piece pick_words(const std::byte* from) {
  static_assert(first >= 0 && first % 2 == 0 && first + (count - 1) * stride + 2 <= 128);
  constexpr auto word = [](int i) { return static_cast<short>(i < count ? (first + i * stride) / 2 : 0); };
  const __m128i places =
      _mm_setr_epi16(word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7));
  return _mm512_castsi512_si128(
      _mm512_permutex2var_epi16(load_bytes(from), _mm512_castsi128_si512(places), load_bytes(from + 64)));
}
/// The eight 16-bit words at `from`, `from` + stride, ... Reads up to 8 * stride - 8 bytes, or 128 if that is
/// more.
template <int stride>
inline Piece load_spread_words(const std::byte* from) {
  if constexpr (7 * stride + 2 <= 128) {
    return pick_words<0, stride, 8>(from);
  } else {
    constexpr int kSecond = 8 * stride - 8 - 128;
    return _mm_unpacklo_epi64(pick_words<0, stride, 4>(from),
                              pick_words<4 * stride - kSecond, stride, 4>(from + kSecond));
  }
}
/// The eight bytes at `from`, `from` + stride, ..., as the low halves of words. Reads 128 bytes.
template <int stride>
inline Piece load_spread_bytes(const std::byte* from) {
  static_assert(stride % 2 == 1);
  // Every other byte is the high half of the word that it is picked with.
  return _mm_srlv_epi16(pick_words<0, stride, 8>(from), _mm_setr_epi16(0, 8, 0, 8, 0, 8, 0, 8));
}

inline Piece join_eights(uint64_t first, uint64_t second) {
  return _mm_set_epi64x(static_cast<int64_t>(second), static_cast<int64_t>(first));
}
inline Piece join_fours(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return _mm_setr_epi32(static_cast<int>(a), static_cast<int>(b), static_cast<int>(c), static_cast<int>(d));
}

/// Quad q is piece(q).
template <class PieceOf>
inline Bytes join_pieces(PieceOf piece) {
  // One by one: an insertion from memory may use either vector unit, one from a register only the second.
  const __m512i one = _mm512_castsi128_si512(piece(0));
  return _mm512_inserti64x2(_mm512_inserti64x2(_mm512_inserti64x2(one, piece(1), 1), piece(2), 2), piece(3),
                            3);
}
/// Quad q from address(q), where quads 2i and 2i + 1 are neighbours in memory.
template <class Address>
inline Bytes load_paired_pieces(Address address) {
  const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(address(0)));
  const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(address(2)));
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

/// The 32 bytes from `from`, over and over, beginning with piece `first`.
inline Bytes load_repeated_32(const void* from, int /*first*/) {
  return _mm512_broadcast_i64x4(_mm256_loadu_si256(static_cast<const __m256i*>(from)));
}

inline Bytes bit_and(Bytes a, Bytes b) { return _mm512_and_si512(a, b); }
inline Bytes bit_or(Bytes a, Bytes b) { return _mm512_or_si512(a, b); }
/// `to`, which has no bit of the mask, with those of `from`.
inline Bytes insert_bits(Bytes to, Bytes from, int mask) {
  return bit_or(bit_and(from, splat_bytes(mask)), to);
}
inline Bytes add_bytes(Bytes a, Bytes b) { return _mm512_add_epi8(a, b); }
inline Bytes min_bytes(Bytes a, Bytes b) { return _mm512_min_epu8(a, b); }
/// The 16 bytes at `from` in every quad.
inline Bytes splat_piece(const void* from) { return _mm512_broadcast_i32x4(load_piece(from)); }
/// Byte i of a quad becomes byte indices[i] of the quad; indices are below 16.
inline Bytes shuffle_in_quads(Bytes v, Bytes indices) { return _mm512_shuffle_epi8(v, indices); }
/// Bits move across bytes within 16 (kShiftsBytes).
inline Bytes shift_bytes_right(Bytes v, int count) { return _mm512_srl_epi16(v, _mm_cvtsi32_si128(count)); }
template <int count>
inline Bytes shift_bytes_right(Bytes v) {
  return _mm512_srli_epi16(v, count);
}
template <int count>
inline Bytes shift_bytes_left(Bytes v) {
  return _mm512_slli_epi16(v, count);
}
/// Byte i changes its sign where bit i of `signs` is set.
inline Bytes negate_where(Bytes v, uint64_t signs) {
  return _mm512_mask_sub_epi8(v, signs, _mm512_setzero_si512(), v);
}
/// Quads 0 and 1 by `low`, quads 2 and 3 by `high`, to the left where these are negative. Mask afterwards.
template <int low, int high>
inline Bytes shift_quads_right(Bytes v) {
  constexpr int kLow = low & 31;
  constexpr int kHigh = high & 31;
  return _mm512_rorv_epi32(v, _mm512_setr_epi32(kLow, kLow, kLow, kLow, kLow, kLow, kLow, kLow, kHigh, kHigh,
                                                kHigh, kHigh, kHigh, kHigh, kHigh, kHigh));
}

// Dot products: each lane of the sum gains the products of its four bytes.

/// Signed weights are multiplied as the unsigned w + 128, so the sum is too large by 128 * sum(x).
constexpr int kSignedOffset = 128;

template <bool is_signed>
inline Ints dot(Ints sum, Bytes weights, Bytes x) {
  if constexpr (is_signed) weights = _mm512_xor_si512(weights, _mm512_set1_epi8(-128));
  return _mm512_dpbusd_epi32(sum, weights, x);
}

constexpr PanelBytes kPanelBytes = PanelBytes::kUnsigned;

// Integers.

inline Ints zero_ints() { return _mm512_setzero_si512(); }
inline Ints splat_ints(int32_t value) { return _mm512_set1_epi32(value); }
inline Bytes splat_four_bytes(const int8_t* from) { return splat_ints(load_number<int32_t>(from)); }
inline Ints add(Ints a, Ints b) { return _mm512_add_epi32(a, b); }
template <int count>
inline Ints shift_left(Ints v) {
  return _mm512_slli_epi32(v, count);
}
template <int count>
inline Ints shift_right(Ints v) {
  return _mm512_srli_epi32(v, count);
}
template <int count>
inline Ints shift_right_signed(Ints v) {
  return _mm512_srai_epi32(v, count);
}

inline Ints max_ints(Ints a, Ints b) { return _mm512_max_epi32(a, b); }
/// To 32 bytes, in which the integers must fit.
inline void store_as_bytes(int8_t* to, const Ints (&v)[32 / kLanes]) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtepi32_epi8(v[0]));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 16), _mm512_cvtepi32_epi8(v[1]));
}

/// Every quad becomes the two sums of neighbours in a's quad, then those in b's; |a|, |b| <= largest.
template <int largest>
inline Ints add_neighbours(Ints a, Ints b) {
  if constexpr (largest <= INT16_MAX) {
    return _mm512_madd_epi16(_mm512_packs_epi32(a, b), _mm512_set1_epi16(1));
  } else {
    const __m512 even = _mm512_shuffle_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), 0x88);
    const __m512 odd = _mm512_shuffle_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), 0xDD);
    return _mm512_add_epi32(_mm512_castps_si512(even), _mm512_castps_si512(odd));
  }
}
inline Ints interleave_low(Ints a, Ints b) { return _mm512_unpacklo_epi32(a, b); }
inline Ints interleave_high(Ints a, Ints b) { return _mm512_unpackhi_epi32(a, b); }
inline Ints interleave_low_pairs(Ints a, Ints b) { return _mm512_unpacklo_epi64(a, b); }
inline Ints interleave_high_pairs(Ints a, Ints b) { return _mm512_unpackhi_epi64(a, b); }

/// Quads 2q and 2q + 1 of a, added, become quad q; those of b come behind them.
inline Ints add_quad_pairs(Ints a, Ints b) {
  return _mm512_add_epi32(_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xDD));
}

/// Quad q of v[i] becomes quad i of v[q].
inline void transpose_quads(Ints (&v)[kQuads]) {
  const Ints low01 = _mm512_shuffle_i32x4(v[0], v[1], 0x44);
  const Ints high01 = _mm512_shuffle_i32x4(v[0], v[1], 0xEE);
  const Ints low23 = _mm512_shuffle_i32x4(v[2], v[3], 0x44);
  const Ints high23 = _mm512_shuffle_i32x4(v[2], v[3], 0xEE);
  v[0] = _mm512_shuffle_i32x4(low01, low23, 0x88);
  v[1] = _mm512_shuffle_i32x4(low01, low23, 0xDD);
  v[2] = _mm512_shuffle_i32x4(high01, high23, 0x88);
  v[3] = _mm512_shuffle_i32x4(high01, high23, 0xDD);
}

// Register tiles: so many rows of input with so many panels. Two units of latency 5 want ten sums under way
// or more; 7 x 2 sums and as many totals leave four of the 32 registers for two weights, an input and a
// product. Totals in memory would leave room for more sums (6 x 4), but the stores and loads of every group
// cost more than the fewer loads of input save.
constexpr int kTileInputs = 7;
constexpr int kTilePanels = 2;

/// With so many rows of input columns_product-inl.h is the fastest way: 8 totals, 8 sums and 8 vectors of
/// columns are registers.
constexpr int kLeastColumnRows = 2;
constexpr int kMostColumnRows = 8;

}  // namespace
}  // namespace hearth::cpu
