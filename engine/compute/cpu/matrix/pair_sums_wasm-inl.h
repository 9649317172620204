// How products are summed where relaxed SIMD of WebAssembly has no dot product in one instruction of the
// machine (x86 without AVX-VNNI takes five): products of pairs are one there, and several of them fit 16 bits
// before they must be widened. The sums are those of dot_sums-inl.h, to the bit.
#include <bit>

#include "engine/compute/cpu/simd/unroll.h"

namespace hearth::cpu {
namespace {

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

/// How many pair_products() 16 bits hold: of signed bytes one.
template <class U>
constexpr int kPairsHeld = U::kSigned ? 1 : INT16_MAX / (2 * 127 * U::kLargest);

template <class U, int v, int vectors>
inline Shorts row_pairs(const std::byte* row, const Bytes (&x)[kChunkVectors]) {
  Shorts pairs = pair_products<U::kSigned>(U::template values<v>(row), x[v]);
  if constexpr (vectors == 2) {
    pairs = add_shorts(pairs, pair_products<U::kSigned>(U::template values<v + 1>(row), x[v + 1]));
  }
  keep_order(pairs);
  return pairs;
}

template <class U, int v, int vectors>
inline Ints row_products(const std::byte* row, const Bytes (&x)[kChunkVectors]) {
  Ints products = widen(row_pairs<U, v, 1>(row, x));
  if constexpr (vectors == 2) products = add(products, widen(row_pairs<U, v + 1, 1>(row, x)));
  return products;
}

/// The totals of `vectors` vectors' products from v on, of four rows: row i in lane i.
template <class U, int v, int vectors>
inline Ints sum_rows(const std::byte* row, int64_t stride, const Bytes (&x)[kChunkVectors]) {
  static_assert(vectors <= 2);
  if constexpr (kPairsHeld<U> < 2 * vectors) {
    const Ints a = row_products<U, v, vectors>(row, x);
    const Ints b = row_products<U, v, vectors>(row + stride, x);
    const Ints c = row_products<U, v, vectors>(row + 2 * stride, x);
    const Ints d = row_products<U, v, vectors>(row + 3 * stride, x);
    return add_neighbours<INT32_MAX>(add_neighbours<INT32_MAX>(a, b), add_neighbours<INT32_MAX>(c, d));
  } else {
    const Shorts a = row_pairs<U, v, vectors>(row, x);
    const Shorts b = row_pairs<U, v, vectors>(row + stride, x);
    const Shorts c = row_pairs<U, v, vectors>(row + 2 * stride, x);
    const Shorts d = row_pairs<U, v, vectors>(row + 3 * stride, x);
    const Shorts ab = add_shorts(interleave_low(a, b), interleave_high(a, b));
    const Shorts cd = add_shorts(interleave_low(c, d), interleave_high(c, d));
    const Shorts low = interleave_low_pairs(ab, cd);
    const Shorts high = interleave_high_pairs(ab, cd);
    Ints sums = kPairsHeld<U> < 4 * vectors ? add(widen(low), widen(high)) : widen(add_shorts(low, high));
    keep_order(sums);
    return sums;
  }
}

/// Adds the products of a group's columns, from 4 * first on, of `inputs` rows of input with kTilePanels
/// panels.
template <class U, int inputs, class Panel>
inline void add_group(const Panel* panels, const InputChunk* x, int first, Ints (&to)[inputs][kTilePanels]) {
  constexpr int kSteps = U::kGroup / 4;
  constexpr int kHeld = kPairsHeld<U> < kSteps ? std::bit_floor(unsigned{kPairsHeld<U>}) : kSteps;
  for (int held = first; held < first + kSteps; held += kHeld) {
    Shorts pairs[inputs][kTilePanels] = {};
    HEARTH_UNROLL_STEPS
    for (int k = held; k < held + kHeld; ++k) {
      Bytes weights[kTilePanels];
      HEARTH_UNROLL
      for (int n = 0; n < kTilePanels; ++n) weights[n] = load_bytes(panels[n].values[k]);
      HEARTH_UNROLL
      for (int m = 0; m < inputs; ++m) {
        const Bytes four = splat_four_bytes(x[m].values + 4 * k);
        HEARTH_UNROLL
        for (int n = 0; n < kTilePanels; ++n) {
          pairs[m][n] = add_shorts(pairs[m][n], pair_products<U::kSigned>(weights[n], four));
          keep_order(pairs[m][n]);
        }
      }
    }
    HEARTH_UNROLL
    for (int m = 0; m < inputs; ++m) {
      HEARTH_UNROLL
      for (int n = 0; n < kTilePanels; ++n) to[m][n] = add(to[m][n], widen(pairs[m][n]));
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
