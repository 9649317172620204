// Integers in vectors of 128 bits: what the matrix kernels are written in besides F32, for WebAssembly. What
// the operations mean is said in integers_avx512_vnni-inl.h. Dot products differ with what the module may
// use: they and the sizes of tiles are in integers_wasm_simd128-inl.h and integers_wasm_relaxed*-inl.h.
#include <cstddef>
#include <cstdint>

#include "engine/compute/cpu/matrix/load_number-inl.h"
#include "engine/compute/cpu/simd/f32_wasm.h"
// After F32.
#include "engine/compute/cpu/matrix/lanes-inl.h"

namespace hearth::cpu {
namespace {

using Piece = v128_t;
using Bytes = v128_t;

// Bytes.

inline Bytes load_bytes(const void* from) { return wasm_v128_load(from); }
inline Piece load_piece(const void* from) { return wasm_v128_load(from); }
inline void store_bytes(void* to, Bytes v) { wasm_v128_store(to, v); }
inline Bytes splat_four_bytes(const int8_t* from) { return wasm_v128_load32_splat(from); }
/// Interleaved, not lane by lane: browsers take three operations to load a lane.
template <int stride>
inline Piece load_spread_words(const std::byte* from) {
  const auto pair = [=](int i) {
    const v128_t first = wasm_v128_load(from + i * stride);
    return wasm_i16x8_shuffle(first, wasm_v128_load(from + (i + 1) * stride), 0, 8, 1, 9, 2, 10, 3, 11);
  };
  const Piece first_four = wasm_i32x4_shuffle(pair(0), pair(2), 0, 4, 1, 5);
  return wasm_i64x2_shuffle(first_four, wasm_i32x4_shuffle(pair(4), pair(6), 0, 4, 1, 5), 0, 2);
}

template <int stride>
inline Piece load_spread_bytes(const std::byte* from) {
  return load_spread_words<stride>(from);
}

/// The 16-bit words at byte `offset` of each of kLanes rows, in the low halves of lanes; what their high
/// halves hold is of no consequence.
template <class Rows>
inline Ints load_words_of_rows(const Rows& rows, size_t offset) {
  const auto word = [&](int i) { return wasm_v128_load32_zero(rows.row(i) + offset); };
  return wasm_i64x2_shuffle(wasm_i32x4_shuffle(word(0), word(1), 0, 4, 1, 5),
                            wasm_i32x4_shuffle(word(2), word(3), 0, 4, 1, 5), 0, 2);
}
inline Ints widen_words(Ints words) { return words; }

/// store_halves() of unpack_32-inl.h. Where all are normal numbers, as scales nearly always are, less is to
/// be done.
template <int count>
inline void store_halves(const Ints (&words)[count], float (*to)[kLanes]) {
  v128_t least = held(wasm_i32x4_const_splat(0x7C00));
  v128_t largest = wasm_i32x4_const_splat(0);
  for (const Ints& word : words) {
    const v128_t magnitude = wasm_v128_and(word, held(wasm_i32x4_const_splat(0x7FFF)));
    least = wasm_i32x4_min(least, magnitude);
    largest = wasm_i32x4_max(largest, magnitude);
  }
  const v128_t all_are_finite = wasm_i32x4_lt(largest, wasm_i32x4_const_splat(0x7C00));
  const v128_t none_is_subnormal = wasm_i32x4_gt(least, wasm_i32x4_const_splat(0x03FF));
  if (wasm_i32x4_all_true(wasm_v128_and(all_are_finite, none_is_subnormal))) {
    for (int i = 0; i < count; ++i) store(to[i], normal_halves_to_f32(words[i]));
  } else {
    for (int i = 0; i < count; ++i) store(to[i], halves_to_f32(words[i]));
  }
}

inline Piece join_eights(uint64_t first, uint64_t second) { return wasm_u64x2_make(first, second); }
inline Piece join_fours(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return wasm_u32x4_make(a, b, c, d);
}

inline Bytes splat_bytes(int value) { return held(wasm_i8x16_splat(static_cast<int8_t>(value))); }
inline Bytes splat_piece(const void* from) { return held(load_bytes(from)); }

inline Bytes bit_and(Bytes a, Bytes b) { return wasm_v128_and(a, b); }
inline Bytes bit_or(Bytes a, Bytes b) { return wasm_v128_or(a, b); }
inline Bytes insert_bits(Bytes to, Bytes from, int mask) {
  return bit_or(bit_and(from, splat_bytes(mask)), to);
}
inline Bytes add_bytes(Bytes a, Bytes b) { return wasm_i8x16_add(a, b); }
inline Bytes min_bytes(Bytes a, Bytes b) { return wasm_u8x16_min(a, b); }
inline Bytes shuffle_in_quads(Bytes v, Bytes indices) { return wasm_i8x16_swizzle(v, indices); }
inline Bytes negate_where(Bytes v, uint64_t signs) {
  const v128_t bit_of = wasm_u64x2_const_splat(0x8040201008040201);
  const v128_t all = wasm_i8x16_shuffle(wasm_u64x2_splat(signs), wasm_u64x2_splat(signs), 0, 0, 0, 0, 0, 0, 0,
                                        0, 1, 1, 1, 1, 1, 1, 1, 1);
  const v128_t negative = wasm_i8x16_eq(wasm_v128_and(all, bit_of), bit_of);
  return wasm_i8x16_sub(wasm_v128_xor(v, negative), negative);
}
inline Bytes shift_bytes_right(Bytes v, int count) { return wasm_u16x8_shr(v, static_cast<uint32_t>(count)); }
template <int count>
inline Bytes shift_bytes_right(Bytes v) {
  return count == 0 ? v : wasm_u16x8_shr(v, count);
}
template <int count>
inline Bytes shift_bytes_left(Bytes v) {
  return wasm_i16x8_shl(v, count);
}

// Integers.

inline Ints zero_ints() { return wasm_i32x4_const_splat(0); }
inline Ints splat_ints(int32_t value) { return held(wasm_i32x4_splat(value)); }
inline Ints add(Ints a, Ints b) { return wasm_i32x4_add(a, b); }
template <int count>
inline Ints shift_left(Ints v) {
  return wasm_i32x4_shl(v, count);
}
template <int count>
inline Ints shift_right(Ints v) {
  return count == 0 ? v : wasm_u32x4_shr(v, count);
}
template <int count>
inline Ints shift_right_signed(Ints v) {
  return count == 0 ? v : wasm_i32x4_shr(v, count);
}

template <int largest>
inline Ints add_neighbours(Ints a, Ints b) {
  if constexpr (largest <= INT16_MAX) {
    return wasm_i32x4_dot_i16x8(wasm_i16x8_narrow_i32x4(a, b), wasm_i16x8_splat(1));
  } else {
    return wasm_i32x4_add(wasm_i32x4_shuffle(a, b, 0, 2, 4, 6), wasm_i32x4_shuffle(a, b, 1, 3, 5, 7));
  }
}
inline Ints interleave_low(Ints a, Ints b) { return wasm_i32x4_shuffle(a, b, 0, 4, 1, 5); }
inline Ints interleave_high(Ints a, Ints b) { return wasm_i32x4_shuffle(a, b, 2, 6, 3, 7); }
inline Ints interleave_low_pairs(Ints a, Ints b) { return wasm_i64x2_shuffle(a, b, 0, 2); }
inline Ints interleave_high_pairs(Ints a, Ints b) { return wasm_i64x2_shuffle(a, b, 1, 3); }

inline Ints max_ints(Ints a, Ints b) { return wasm_i32x4_max(a, b); }
inline int32_t sum_lanes(Ints v) {
  const Ints two = add(v, wasm_i32x4_shuffle(v, v, 2, 3, 0, 1));
  return wasm_i32x4_extract_lane(two, 0) + wasm_i32x4_extract_lane(two, 1);
}
inline void store_as_bytes(int8_t* to, const Ints (&v)[32 / kLanes]) {
  for (int i = 0; i < 2; ++i) {
    const v128_t low = wasm_i16x8_narrow_i32x4(v[4 * i], v[4 * i + 1]);
    wasm_v128_store(to + 16 * i,
                    wasm_i8x16_narrow_i16x8(low, wasm_i16x8_narrow_i32x4(v[4 * i + 2], v[4 * i + 3])));
  }
}

constexpr int kLeastColumnRows = 0;
constexpr int kMostColumnRows = 0;

/// The compiler takes this for a use of the sum, and so leaves dot products in the order of the source, in
/// which few vectors are needed at a time. It becomes no instruction.
inline void keep_order(Ints& sum) { asm volatile("" : "+r"(sum)); }

}  // namespace
}  // namespace hearth::cpu

#include "engine/compute/cpu/matrix/one_quad-inl.h"
