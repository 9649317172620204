// How products of a strip's rows are summed where relaxed SIMD of WebAssembly has no dot product in one
// instruction of the machine (x86 without AVX-VNNI takes five): products of pairs are one there, and several
// of them fit 16 bits before they must be widened. The sums are those of dot_sums-inl.h, to the bit.
namespace hearth::cpu {
namespace {

template <class U, int v, int vectors, class Input>
inline Shorts row_pairs(const std::byte* row, const Input& x) {
  Shorts pairs = pair_products<U::kSigned>(U::template values<v>(row), x[v]);
  if constexpr (vectors == 2) {
    pairs = add_shorts(pairs, pair_products<U::kSigned>(U::template values<v + 1>(row), x[v + 1]));
  }
  keep_order(pairs);
  return pairs;
}

template <class U, int v, int vectors, class Input>
inline Ints row_products(const std::byte* row, const Input& x) {
  Ints products = widen(row_pairs<U, v, 1>(row, x));
  if constexpr (vectors == 2) products = add(products, widen(row_pairs<U, v + 1, 1>(row, x)));
  return products;
}

/// The totals of `vectors` vectors' products from v on, of four rows: row i in lane i.
template <class U, int v, int vectors, class Input>
inline Ints sum_rows(const std::byte* row, int64_t stride, const Input& x) {
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

}  // namespace
}  // namespace hearth::cpu
