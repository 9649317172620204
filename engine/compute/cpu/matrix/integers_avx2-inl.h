// Integers in vectors of 256 bits: what the matrix kernels are written in besides F32, for AVX2. What the
// operations mean is said in integers_avx512_vnni-inl.h.
#include <cstddef>
#include <cstdint>

#include "engine/compute/cpu/matrix/load_number-inl.h"
#include "engine/compute/cpu/simd/f32_avx2.h"
// After F32.
#include "engine/compute/cpu/matrix/lanes-inl.h"

namespace hearth::cpu {
namespace {

using Piece = __m128i;
using Bytes = __m256i;

// Bytes.

inline Piece load_piece(const void* from) { return _mm_loadu_si128(static_cast<const __m128i*>(from)); }
template <int stride>
inline Piece load_spread_words(const std::byte* from) {
  const auto word = [=](int i) { return load_number<int16_t>(from + i * stride); };
  Piece words = _mm_cvtsi32_si128(word(0));
  words = _mm_insert_epi16(words, word(1), 1);
  words = _mm_insert_epi16(words, word(2), 2);
  words = _mm_insert_epi16(words, word(3), 3);
  words = _mm_insert_epi16(words, word(4), 4);
  words = _mm_insert_epi16(words, word(5), 5);
  words = _mm_insert_epi16(words, word(6), 6);
  return _mm_insert_epi16(words, word(7), 7);
}

template <int stride>
inline Piece load_spread_bytes(const std::byte* from) {
  return load_spread_words<stride>(from);
}

/// The 16-bit words at byte `offset` of each of kLanes rows. Reads up to 14 bytes before it, but in the
/// first.
template <class Rows>
inline Piece load_words_of_rows(const Rows& rows, size_t offset) {
  // Row i's is word i of the 16 bytes that begin 2i before it.
  const auto words = [&](int i) { return load_piece(rows.row(i) + offset - 2 * i); };
  Piece all = _mm_blend_epi16(words(0), words(1), 1 << 1);
  all = _mm_blend_epi16(all, words(2), 1 << 2);
  all = _mm_blend_epi16(all, words(3), 1 << 3);
  all = _mm_blend_epi16(all, words(4), 1 << 4);
  all = _mm_blend_epi16(all, words(5), 1 << 5);
  all = _mm_blend_epi16(all, words(6), 1 << 6);
  return _mm_blend_epi16(all, words(7), 1 << 7);
}

inline Ints widen_words(Piece words) { return _mm256_cvtepu16_epi32(words); }
inline F32 halves_to_f32(Piece halves) { return {_mm256_cvtph_ps(halves)}; }

inline Piece join_eights(uint64_t first, uint64_t second) {
  return _mm_set_epi64x(static_cast<int64_t>(second), static_cast<int64_t>(first));
}
inline Piece join_fours(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return _mm_setr_epi32(static_cast<int>(a), static_cast<int>(b), static_cast<int>(c), static_cast<int>(d));
}

inline Bytes load_bytes(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }
inline void store_bytes(void* to, Bytes v) { _mm256_store_si256(static_cast<__m256i*>(to), v); }
template <class PieceOf>
inline Bytes join_pieces(PieceOf piece) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(piece(0)), piece(1), 1);
}
template <class Address>
inline Bytes load_paired_pieces(Address address) {
  return load_bytes(address(0));
}
inline Bytes load_repeated_32(const void* from, int /*first*/) { return load_bytes(from); }
inline Bytes splat_bytes(int value) { return _mm256_set1_epi8(static_cast<char>(value)); }
inline Bytes splat_piece(const void* from) { return _mm256_broadcastsi128_si256(load_piece(from)); }

inline Bytes bit_and(Bytes a, Bytes b) { return _mm256_and_si256(a, b); }
inline Bytes bit_or(Bytes a, Bytes b) { return _mm256_or_si256(a, b); }
inline Bytes insert_bits(Bytes to, Bytes from, int mask) {
  return bit_or(bit_and(from, splat_bytes(mask)), to);
}
inline Bytes add_bytes(Bytes a, Bytes b) { return _mm256_add_epi8(a, b); }
inline Bytes min_bytes(Bytes a, Bytes b) { return _mm256_min_epu8(a, b); }
inline Bytes shuffle_in_quads(Bytes v, Bytes indices) { return _mm256_shuffle_epi8(v, indices); }
inline Bytes shift_bytes_right(Bytes v, int count) { return _mm256_srl_epi16(v, _mm_cvtsi32_si128(count)); }
template <int count>
inline Bytes shift_bytes_right(Bytes v) {
  return _mm256_srli_epi16(v, count);
}
template <int count>
inline Bytes shift_bytes_left(Bytes v) {
  return _mm256_slli_epi16(v, count);
}
inline Bytes negate_where(Bytes v, uint64_t signs) {
  // Each byte gets the eight signs that its own is among.
  const __m256i byte_of = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  const __m256i bit_of = _mm256_set1_epi64x(static_cast<int64_t>(0x8040201008040201));
  const __m256i all = _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int32_t>(signs)), byte_of);
  const __m256i negative = _mm256_cmpeq_epi8(_mm256_and_si256(all, bit_of), bit_of);
  return _mm256_sub_epi8(_mm256_xor_si256(v, negative), negative);
}
template <int low, int high>
inline Bytes shift_quads_right(Bytes v) {
  return low < 0 ? _mm256_slli_epi16(v, -low) : _mm256_srli_epi16(v, low);
}

// Dot products. The instruction multiplies unsigned by signed bytes and adds pairs in 16 bits: with |x| <=
// 127 a pair stays below 2^15 for unsigned weights up to 63 and for magnitudes up to 128.

constexpr int kSignedOffset = 0;

using Shorts = __m256i;

inline Shorts add_shorts(Shorts a, Shorts b) { return _mm256_add_epi16(a, b); }
inline Ints widen(Shorts pairs) { return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)); }
/// As for WebAssembly: without it, all products of a group come first, and go to memory, and then their sums.
inline void keep_order(Shorts& sum) { asm volatile("" : "+x"(sum)); }

/// The sums of neighbours' products.
template <bool is_signed>
inline Shorts pair_products(Bytes weights, Bytes x) {
  if constexpr (!is_signed) return _mm256_maddubs_epi16(weights, x);
  return _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(x, weights));
}

template <bool is_signed>
inline Ints dot(Ints sum, Bytes weights, Bytes x) {
  return _mm256_add_epi32(sum, widen(pair_products<is_signed>(weights, x)));
}

constexpr PanelBytes kPanelBytes = PanelBytes::kAsGiven;

// Integers.

inline Ints zero_ints() { return _mm256_setzero_si256(); }
inline Ints splat_ints(int32_t value) { return _mm256_set1_epi32(value); }
inline Bytes splat_four_bytes(const int8_t* from) { return splat_ints(load_number<int32_t>(from)); }
inline Ints add(Ints a, Ints b) { return _mm256_add_epi32(a, b); }
template <int count>
inline Ints shift_left(Ints v) {
  return _mm256_slli_epi32(v, count);
}
template <int count>
inline Ints shift_right(Ints v) {
  return _mm256_srli_epi32(v, count);
}
template <int count>
inline Ints shift_right_signed(Ints v) {
  return _mm256_srai_epi32(v, count);
}

inline Ints max_ints(Ints a, Ints b) { return _mm256_max_epi32(a, b); }
inline void store_as_bytes(int8_t* to, const Ints (&v)[32 / kLanes]) {
  // Packing works within quads: four bytes of each vector at a time.
  const __m256i words = _mm256_packs_epi16(_mm256_packs_epi32(v[0], v[1]), _mm256_packs_epi32(v[2], v[3]));
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_permutevar8x32_epi32(words, order));
}

template <int largest>
inline Ints add_neighbours(Ints a, Ints b) {
  if constexpr (largest <= INT16_MAX) {
    return _mm256_madd_epi16(_mm256_packs_epi32(a, b), _mm256_set1_epi16(1));
  } else {
    const __m256 a_floats = _mm256_castsi256_ps(a);
    const __m256 b_floats = _mm256_castsi256_ps(b);
    // The instruction that does all this is split into as many by processors, and into more by some.
    return _mm256_add_epi32(_mm256_castps_si256(_mm256_shuffle_ps(a_floats, b_floats, 0x88)),
                            _mm256_castps_si256(_mm256_shuffle_ps(a_floats, b_floats, 0xDD)));
  }
}
inline Ints interleave_low(Ints a, Ints b) { return _mm256_unpacklo_epi32(a, b); }
inline Ints interleave_high(Ints a, Ints b) { return _mm256_unpackhi_epi32(a, b); }
inline Ints interleave_low_pairs(Ints a, Ints b) { return _mm256_unpacklo_epi64(a, b); }
inline Ints interleave_high_pairs(Ints a, Ints b) { return _mm256_unpackhi_epi64(a, b); }

inline Ints add_quad_pairs(Ints a, Ints b) {
  return _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31));
}

inline void transpose_quads(Ints (&v)[kQuads]) {
  const Ints low = _mm256_permute2x128_si256(v[0], v[1], 0x20);
  v[1] = _mm256_permute2x128_si256(v[0], v[1], 0x31);
  v[0] = low;
}

constexpr int kTileInputs = 3;
constexpr int kTilePanels = 2;
constexpr int kLeastColumnRows = 0;
constexpr int kMostColumnRows = 0;

}  // namespace
}  // namespace hearth::cpu
