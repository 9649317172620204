// Integers in vectors of 128 bits: what the matrix kernels are written in besides F32, for 64-bit ARM with
// the dot product extension. What the operations mean is said in integers_avx512_vnni-inl.h.
#include <cstddef>
#include <cstdint>

#include "engine/compute/cpu/matrix/load_number-inl.h"
#include "engine/compute/cpu/simd/f32_neon.h"
// After F32.
#include "engine/compute/cpu/matrix/lanes-inl.h"

namespace hearth::cpu {
namespace {

// One type, whatever it holds, as on x86: the operations say what they take it for.
using Piece = int32x4_t;
using Bytes = int32x4_t;

inline uint8x16_t as_bytes(Bytes v) { return vreinterpretq_u8_s32(v); }
inline Bytes from_bytes(uint8x16_t v) { return vreinterpretq_s32_u8(v); }
inline uint32x4_t as_unsigned(Ints v) { return vreinterpretq_u32_s32(v); }

// Bytes.

inline Bytes load_bytes(const void* from) { return from_bytes(vld1q_u8(static_cast<const uint8_t*>(from))); }
inline void store_bytes(void* to, Bytes v) { vst1q_u8(static_cast<uint8_t*>(to), as_bytes(v)); }
inline Piece load_piece(const void* from) { return load_bytes(from); }
template <int stride>
inline Piece load_spread_words(const std::byte* from) {
  const auto word = [=](int i) { return load_number<uint16_t>(from + i * stride); };
  uint16x8_t words = vdupq_n_u16(word(0));
  words = vsetq_lane_u16(word(1), words, 1);
  words = vsetq_lane_u16(word(2), words, 2);
  words = vsetq_lane_u16(word(3), words, 3);
  words = vsetq_lane_u16(word(4), words, 4);
  words = vsetq_lane_u16(word(5), words, 5);
  words = vsetq_lane_u16(word(6), words, 6);
  words = vsetq_lane_u16(word(7), words, 7);
  return vreinterpretq_s32_u16(words);
}

template <int stride>
inline Piece load_spread_bytes(const std::byte* from) {
  return load_spread_words<stride>(from);
}

/// The 16-bit words at rows.row(lane) + offset, row by lane.
template <class Rows>
inline Ints load_words_of_rows(const Rows& rows, size_t offset) {
  const auto word = [&](int row) { return load_number<uint16_t>(rows.row(row) + offset); };
  const uint16x4_t words = {word(0), word(1), word(2), word(3)};
  return vreinterpretq_s32_u32(vmovl_u16(words));
}
inline Ints widen_words(Ints words) { return words; }

inline Piece join_eights(uint64_t first, uint64_t second) {
  return vreinterpretq_s32_u64(vcombine_u64(vcreate_u64(first), vcreate_u64(second)));
}
inline Piece join_fours(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return join_eights(a | uint64_t{b} << 32, c | uint64_t{d} << 32);
}

inline Bytes splat_bytes(int value) { return from_bytes(vdupq_n_u8(static_cast<uint8_t>(value))); }
inline Bytes splat_piece(const void* from) { return load_bytes(from); }

inline Bytes bit_and(Bytes a, Bytes b) { return vandq_s32(a, b); }
inline Bytes bit_or(Bytes a, Bytes b) { return vorrq_s32(a, b); }
inline Bytes insert_bits(Bytes to, Bytes from, int mask) {
#if defined(__clang__)
  // Of vbslq_u8 it makes two instructions, as it sees that `to` has none of the bits.
  asm("bit %0.16b, %1.16b, %2.16b" : "+w"(to) : "w"(from), "w"(splat_bytes(mask)));
  return to;
#else
  return from_bytes(vbslq_u8(as_bytes(splat_bytes(mask)), as_bytes(from), as_bytes(to)));
#endif
}
inline Bytes add_bytes(Bytes a, Bytes b) { return from_bytes(vaddq_u8(as_bytes(a), as_bytes(b))); }
inline Bytes min_bytes(Bytes a, Bytes b) { return from_bytes(vminq_u8(as_bytes(a), as_bytes(b))); }
inline Bytes shuffle_in_quads(Bytes v, Bytes indices) {
  return from_bytes(vqtbl1q_u8(as_bytes(v), as_bytes(indices)));
}
inline Bytes negate_where(Bytes v, uint64_t signs) {
  const uint8x16_t bit_of = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201));
  const uint8x16_t all =
      vcombine_u8(vdup_n_u8(static_cast<uint8_t>(signs)), vdup_n_u8(static_cast<uint8_t>(signs >> 8)));
  const uint8x16_t negative = vtstq_u8(all, bit_of);
  return from_bytes(vsubq_u8(veorq_u8(as_bytes(v), negative), negative));
}
inline Bytes shift_bytes_right(Bytes v, int count) {
  return from_bytes(vshlq_u8(as_bytes(v), vdupq_n_s8(static_cast<int8_t>(-count))));
}
template <int count>
inline Bytes shift_bytes_right(Bytes v) {
  if constexpr (count == 0)
    return v;
  else
    return from_bytes(vshrq_n_u8(as_bytes(v), count));
}
template <int count>
inline Bytes shift_bytes_left(Bytes v) {
  return from_bytes(vshlq_n_u8(as_bytes(v), count));
}

// Dot products, of signed bytes: unsigned weights are at most 63.

constexpr int kSignedOffset = 0;

template <bool is_signed>
inline Ints dot(Ints sum, Bytes weights, Bytes x) {
  return vdotq_s32(sum, vreinterpretq_s8_s32(weights), vreinterpretq_s8_s32(x));
}

/// What comes of `v` is computed after what is written before, which else compilers move about until
/// registers are too few.
inline void keep_order(F32& v) { asm volatile("" : "+w"(v.lanes)); }

/// Of the weights' fours of bytes with the one that is lane `lane` of x.
template <int lane>
inline Ints dot_lane(Ints sum, Bytes weights, Bytes x) {
  return vdotq_laneq_s32(sum, vreinterpretq_s8_s32(weights), vreinterpretq_s8_s32(x), lane);
}

constexpr PanelBytes kPanelBytes = PanelBytes::kSigned;

// Integers.

inline Ints zero_ints() { return vdupq_n_s32(0); }
inline Ints splat_ints(int32_t value) { return vdupq_n_s32(value); }
inline Bytes splat_four_bytes(const int8_t* from) { return splat_ints(load_number<int32_t>(from)); }
inline Ints add(Ints a, Ints b) { return vaddq_s32(a, b); }
template <int count>
inline Ints shift_left(Ints v) {
  return vshlq_n_s32(v, count);
}
template <int count>
inline Ints shift_right(Ints v) {
  if constexpr (count == 0)
    return v;
  else
    return vreinterpretq_s32_u32(vshrq_n_u32(as_unsigned(v), count));
}
template <int count>
inline Ints shift_right_signed(Ints v) {
  if constexpr (count == 0)
    return v;
  else
    return vshrq_n_s32(v, count);
}

inline Ints max_ints(Ints a, Ints b) { return vmaxq_s32(a, b); }
inline void store_as_bytes(int8_t* to, const Ints (&v)[32 / kLanes]) {
  for (int i = 0; i < 4; ++i) {
    const int16x8_t words = vcombine_s16(vmovn_s32(v[2 * i]), vmovn_s32(v[2 * i + 1]));
    vst1_s8(to + 8 * i, vmovn_s16(words));
  }
}

template <int /*largest*/>
inline Ints add_neighbours(Ints a, Ints b) {
  return vpaddq_s32(a, b);
}
inline Ints interleave_low(Ints a, Ints b) { return vzip1q_s32(a, b); }
inline Ints interleave_high(Ints a, Ints b) { return vzip2q_s32(a, b); }
inline Ints interleave_low_pairs(Ints a, Ints b) {
  return vreinterpretq_s32_s64(vzip1q_s64(vreinterpretq_s64_s32(a), vreinterpretq_s64_s32(b)));
}
inline Ints interleave_high_pairs(Ints a, Ints b) {
  return vreinterpretq_s32_s64(vzip2q_s64(vreinterpretq_s64_s32(a), vreinterpretq_s64_s32(b)));
}

// Of 32 registers: 12 sums, as many totals, the input's six and a weight.
constexpr int kTileInputs = 6;
constexpr int kTilePanels = 2;
constexpr int kLeastColumnRows = 0;
constexpr int kMostColumnRows = 0;

}  // namespace
}  // namespace hearth::cpu

#include "engine/compute/cpu/matrix/one_quad-inl.h"
