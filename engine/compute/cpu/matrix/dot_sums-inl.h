// How products of a strip's rows are summed: four to a lane of 32 bits. pair_sums_wasm-inl.h is for
// WebAssembly where the machine has no dot products of bytes.
namespace hearth::cpu {
namespace {

/// The products of `vectors` vectors of one row from v on with those of the input, all in one sum.
template <class U, int v, int vectors, class Input>
inline Ints row_products(const std::byte* row, const Input& x) {
  Ints products = dot<U::kSigned>(zero_ints(), U::template values<v>(row), x[v]);
  if constexpr (vectors == 2) products = dot<U::kSigned>(products, U::template values<v + 1>(row), x[v + 1]);
  return products;
}

/// The totals of row_products() over each quad, of four rows: row i in lane i.
template <class U, int v, int vectors, class Input>
inline Ints sum_rows(const std::byte* row, int64_t stride, const Input& x) {
  static_assert(vectors <= 2);
  const Ints a = row_products<U, v, vectors>(row, x);
  const Ints b = row_products<U, v, vectors>(row + stride, x);
  const Ints c = row_products<U, v, vectors>(row + 2 * stride, x);
  const Ints d = row_products<U, v, vectors>(row + 3 * stride, x);
  // Four products of weights with |x| <= 127 to a lane, then eight.
  constexpr int kLargest = (U::kLargest + (U::kSigned ? kSignedOffset : 0)) * 127 * 4 * vectors;
  return add_neighbours<2 * kLargest>(add_neighbours<kLargest>(a, b), add_neighbours<kLargest>(c, d));
}

}  // namespace
}  // namespace hearth::cpu
