// Products of bytes in relaxed SIMD of WebAssembly within the 7 bits that every machine understands alike,
// for machines where those of pairs are one instruction and a dot product five (x86 without AVX-VNNI).
#include "engine/compute/cpu/matrix/integers_wasm_relaxed-inl.h"

namespace hearth::cpu {
namespace {

constexpr int kSignedOffset = 0;

/// Unsigned weights are at most 63 and go second. Signed ones have all 8 bits, so there the input's magnitude
/// goes second, and its sign to the weights: as their complement, -w - 1, which is exact for -128, too, and
/// leaves the sum too small by the sum of the negative inputs' magnitudes: InputChunkSums::negative_sums,
/// with which it starts.
inline Bytes with_sign_of(Bytes weights, Bytes x) {
  return wasm_v128_xor(weights, wasm_i8x16_lt(x, wasm_i8x16_const_splat(0)));
}
template <bool is_signed>
inline Ints dot(Ints sum, Bytes weights, Bytes x) {
  if constexpr (is_signed) {
    sum = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(with_sign_of(weights, x), wasm_i8x16_abs(x), sum);
  } else {
    sum = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(x, weights, sum);
  }
  keep_order(sum);
  return sum;
}

using Shorts = v128_t;

inline Shorts add_shorts(Shorts a, Shorts b) { return wasm_i16x8_add(a, b); }
inline Ints widen(Shorts pairs) { return wasm_i32x4_extadd_pairwise_i16x8(pairs); }

/// The sums of neighbours' products.
template <bool is_signed>
inline Shorts pair_products(Bytes weights, Bytes x) {
  if constexpr (is_signed) {
    return wasm_i16x8_relaxed_dot_i8x16_i7x16(with_sign_of(weights, x), wasm_i8x16_abs(x));
  } else {
    return wasm_i16x8_relaxed_dot_i8x16_i7x16(x, weights);
  }
}

constexpr PanelBytes kPanelBytes = PanelBytes::kAsGiven;

}  // namespace
}  // namespace hearth::cpu
