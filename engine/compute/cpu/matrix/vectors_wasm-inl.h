// Vectors of 128 bits: the operations that the vector kernels are written in, for WebAssembly. What they mean
// is said in vectors_avx512_vnni-inl.h. Dot products differ with what the module may use: they and the sizes
// of tiles are in vectors_wasm_simd128-inl.h and vectors_wasm_relaxed-inl.h.
#include <wasm_simd128.h>

#include <cstddef>
#include <cstdint>

namespace hearth::cpu {
namespace {

constexpr int kQuads = 1;
constexpr int kLanes = 4 * kQuads;

using Piece = v128_t;
using Bytes = v128_t;
using Ints = v128_t;
using Floats = float __attribute__((vector_size(16)));

inline Ints as_ints(Floats v) { return reinterpret_cast<Ints>(v); }
inline Floats as_floats(Ints v) { return reinterpret_cast<Floats>(v); }

/// A constant as a value that the compiler knows nothing of, so that it stays in a register: else it is
/// written down again wherever it is used, and browsers take three instructions to make it each time.
inline v128_t held(v128_t constant) {
  asm("" : "+r"(constant));
  return constant;
}

// Bytes.

inline Bytes load_bytes(const void* from) { return wasm_v128_load(from); }
inline Piece load_piece(const void* from) { return wasm_v128_load(from); }
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

template <class PieceOf>
inline Bytes join_pieces(PieceOf piece) {
  return piece(0);
}
template <class Address>
inline Bytes load_pieces(Address address) {
  return load_piece(address(0));
}
template <class Address>
inline Bytes load_paired_pieces(Address address) {
  return load_piece(address(0));
}
inline Bytes load_repeated_32(const std::byte* from, int first) { return load_bytes(from + 16 * first); }
inline Bytes splat_bytes(int value) { return held(wasm_i8x16_splat(static_cast<int8_t>(value))); }
inline Bytes splat_piece(const void* from) { return held(load_bytes(from)); }

inline Bytes bit_and(Bytes a, Bytes b) { return wasm_v128_and(a, b); }
inline Bytes bit_or(Bytes a, Bytes b) { return wasm_v128_or(a, b); }
inline Bytes min_bytes(Bytes a, Bytes b) { return wasm_u8x16_min(a, b); }
inline Bytes shuffle_in_quads(Bytes v, Bytes indices) { return wasm_i8x16_swizzle(v, indices); }
template <int count>
inline Bytes shift_bytes_right(Bytes v) {
  return count == 0 ? v : wasm_u16x8_shr(v, count);
}
template <int count>
inline Bytes shift_bytes_left(Bytes v) {
  return wasm_i16x8_shl(v, count);
}
template <int low, int high>
inline Bytes shift_quads_right(Bytes v) {
  if constexpr (low < 0) return shift_bytes_left<-low>(v);
  return shift_bytes_right<(low < 0 ? 0 : low)>(v);
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

inline void transpose_quads(Ints (&/*v*/)[kQuads]) {}

inline Ints max_ints(Ints a, Ints b) { return wasm_i32x4_max(a, b); }
inline int32_t largest_lane(Ints v) {
  const Ints two = max_ints(v, wasm_i32x4_shuffle(v, v, 2, 3, 0, 1));
  return wasm_i32x4_extract_lane(max_ints(two, wasm_i32x4_shuffle(two, two, 1, 0, 3, 2)), 0);
}
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

/// The compiler takes this for a use of the sum, and so leaves dot products in the order of the source, in
/// which few vectors are needed at a time. It becomes no instruction.
inline void keep_order(Ints& sum) { asm volatile("" : "+r"(sum)); }

// Floats.

inline Floats zero_floats() { return Floats{0.0F, 0.0F, 0.0F, 0.0F}; }
inline Floats splat_floats(float value) { return Floats{value, value, value, value}; }
inline Ints round_to_ints(Floats v) { return wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(as_ints(v))); }
inline Floats to_floats(Ints v) { return as_floats(wasm_f32x4_convert_i32x4(v)); }
inline Floats multiply(Floats a, Floats b) { return a * b; }
inline Floats add(Floats a, Floats b) { return a + b; }
inline Floats negate(Floats v) { return -v; }

inline Floats load_floats(const float* from) { return as_floats(wasm_v128_load(from)); }
inline void store_floats(float* to, Floats v) { wasm_v128_store(to, as_ints(v)); }
inline void store_first_floats(float* to, Floats v, int count) {
  float lanes[kLanes];
  store_floats(lanes, v);
  __builtin_memcpy(to, lanes, static_cast<size_t>(count) * sizeof(float));
}
/// f16 in the low half of each lane. Moved into place, the exponent is 112 too small: a product with 2^112
/// mends that, of subnormals too, and infinity and NaN get their exponent back.
inline Floats low_halves_to_floats(Ints v) {
  const Ints magnitude = wasm_i32x4_shl(bit_and(v, splat_ints(0x7FFF)), 13);
  const Ints scaled = as_ints(as_floats(magnitude) * splat_floats(0x1p112F));
  const Ints special = bit_and(wasm_i32x4_gt(magnitude, splat_ints(0x0F7FFFFF)), splat_ints(0x7F800000));
  const Ints sign = wasm_i32x4_shl(bit_and(v, splat_ints(0x8000)), 16);
  return as_floats(bit_or(bit_or(scaled, special), sign));
}
inline Floats load_halves(const uint16_t* from) { return low_halves_to_floats(wasm_u32x4_load16x4(from)); }
inline Floats load_bfloats(const uint16_t* from) {
  return as_floats(wasm_i32x4_shl(wasm_u32x4_load16x4(from), 16));
}
inline void add_quads_to(float* to, Floats v) { store_floats(to, load_floats(to) + v); }

}  // namespace
}  // namespace hearth::cpu
