// The product of a strip of kLanes weight rows, read where they lie, with one row of input: how few rows are
// multiplied (integer_product-inl.h). Each weight row's products fill a vector, and a transposition turns
// sums over columns into lanes of rows.
namespace hearth::cpu {
namespace {

template <class U>
constexpr int kGroupsOf = kChunkColumns / U::kGroup;

/// The group that quad `position` of a chunk's vectors belongs to.
template <class U>
constexpr int group_of(int position) {
  return U::quad(position) * 16 / U::kGroup;
}

/// -128 * (sum of the input's values) in each group.
template <class U>
inline const int32_t* group_offsets(const InputChunk& x, const InputChunkSums& sums) {
  return U::kGroup == kInputBlock ? x.offsets : sums.group_offsets;
}

/// What the sum of group g starts with where weights are multiplied as they are: what `dot` leaves out of it.
template <class U>
inline Ints first_sum([[maybe_unused]] const InputChunkSums& sums, [[maybe_unused]] int g) {
#if defined(__wasm_relaxed_simd__)
  if constexpr (U::kSigned) {
    const int32_t* const left_out = sums.negative_sums;
    return splat_ints(U::kGroup == kInputBlock ? left_out[2 * g] + left_out[2 * g + 1] : left_out[g]);
  }
#endif
  return zero_ints();
}

/// Where vectors v and v + 1 cover the halves of the same groups, quad by quad, one sum takes the products of
/// both.
template <class U>
constexpr bool pairs_halves_of_groups() {
  for (int vector = 0; vector < kChunkVectors; vector += 2) {
    for (int position = vector * kQuads; position < (vector + 1) * kQuads; ++position) {
      if (group_of<U>(position) != group_of<U>(position + kQuads)) return false;
    }
  }
  return true;
}
template <class U>
constexpr int kVectorsToSum = pairs_halves_of_groups<U>() ? 2 : 1;
template <class U>
constexpr int kSums = kChunkVectors / kVectorsToSum<U>;

/// Whether the first half of a chunk's vectors is its first half of columns: then that is all that a row's
/// last few blocks need.
template <class U>
constexpr bool halves_are_in_order() {
  for (int position = 0; position < kChunkQuads / 2; ++position) {
    if (U::quad(position) >= kChunkQuads / 2) return false;
  }
  return kSums<U> % 2 == 0;
}

/// A strip's cache lines as they are fetched from one strip ahead, `Lines` to each sum of four rows and to
/// each group: evenly, because a core waits for no more than about twelve lines at a time, and while it asks
/// for none the memory rests.
template <class U, int lines>
struct Lines {
  static constexpr int kPlaces = kQuads * kSums<U> + kGroupsOf<U>;
  static constexpr int kFourRows = lines * kSums<U> / kPlaces;
  static constexpr int kGroup = (lines - kQuads * kFourRows + kGroupsOf<U> - 1) / kGroupsOf<U>;
};

/// Brings cache lines [line, end) from `ahead` on into the L2 cache.
template <int line, int end>
inline void fetch_lines(const std::byte* ahead) {
  if constexpr (line < end) {
    __builtin_prefetch(ahead + line * 64, 0, 2);
    fetch_lines<line + 1, end>(ahead);
  }
}

/// Sum s of one row's products.
template <class U, int s>
inline Ints row_products(const std::byte* row, const Bytes (&x)[kChunkVectors]) {
  constexpr int v = s * kVectorsToSum<U>;
  Ints products = dot<U::kSigned>(zero_ints(), U::template values<v>(row), x[v]);
  if constexpr (kVectorsToSum<U> == 2) {
    products = dot<U::kSigned>(products, U::template values<v + 1>(row), x[v + 1]);
  }
  return products;
}

/// Sums s and up of four rows: to[s] gets their totals over each quad, a row in each of its lanes. Fetches
/// the share of `lines` cache lines.
template <class U, int lines, int sums, int s = 0>
inline void sum_four_rows(const std::byte* row, int64_t stride, const Bytes (&x)[kChunkVectors],
                          const std::byte* ahead, Ints (&to)[sums]) {
  if constexpr (s < sums) {
    fetch_lines<s * lines / sums, (s + 1) * lines / sums>(ahead);
    const Ints a = row_products<U, s>(row, x);
    const Ints b = row_products<U, s>(row + stride, x);
    const Ints c = row_products<U, s>(row + 2 * stride, x);
    const Ints d = row_products<U, s>(row + 3 * stride, x);
    // Four products of weights with |x| <= 127 to a lane, then eight.
    constexpr int kLargest = U::kLargest * 127 * 4 * kVectorsToSum<U>;
    to[s] = add_neighbours<2 * kLargest>(add_neighbours<kLargest>(a, b), add_neighbours<kLargest>(c, d));
    sum_four_rows<U, lines, sums, s + 1>(row, stride, x, ahead, to);
  }
}

/// Adds the products of all rows to their groups' sums, of the first `sums` vectors that are summed, fetching
/// `lines` cache lines for every four rows.
template <class U, int lines, int sums = kSums<U>>
inline void add_products(const Strip& strip, const int8_t* x_values, Ints (&group_sums)[kGroupsOf<U>]) {
  Bytes x[kChunkVectors];
  for (int v = 0; v < kChunkVectors; ++v) {
    x[v] = load_pieces([=](int q) { return x_values + 16 * U::quad(v * kQuads + q); });
  }
  Ints by_row[kQuads][sums];
  for (int i = 0; i < kQuads; ++i) {
    // To registers first: a store would keep the compiler from loading weights once for two vectors.
    Ints four_rows[sums];
    sum_four_rows<U, lines, sums>(strip.row(4 * i), strip.row_stride, x, strip.ahead + i * lines * 64,
                                  four_rows);
    for (int s = 0; s < sums; ++s) by_row[i][s] = four_rows[s];
  }
  for (int s = 0; s < sums; ++s) {
    Ints by_quad[kQuads];
    for (int i = 0; i < kQuads; ++i) by_quad[i] = by_row[i][s];
    transpose_quads(by_quad);
    for (int q = 0; q < kQuads; ++q) {
      Ints& group_sum = group_sums[group_of<U>(s * kVectorsToSum<U> * kQuads + q)];
      group_sum = add(group_sum, by_quad[q]);
    }
  }
}

/// `sum` plus the products of a chunk of a strip's rows with one row of input. Chunks of strips are `lines`
/// cache lines; only blocks shorter than a chunk can end within one.
template <class U, int lines, bool ends_within>
inline Floats add_strip(Floats sum, const Strip& strip, const InputChunk& x, const InputChunkSums& sums,
                        int blocks) {
  // What the weights are too large by, times the sum of the input.
  constexpr int kOffset = U::kSigned ? kSignedOffset : U::kOffset;
  Ints group_sums[kGroupsOf<U>];
  for (int g = 0; g < kGroupsOf<U>; ++g) {
    group_sums[g] = kOffset == 0 ? first_sum<U>(sums, g)
                                 : splat_ints((group_offsets<U>(x, sums)[g] - kShiftBits) / 128 * kOffset);
  }
  using L = Lines<U, lines>;
  constexpr int kSumsOfHalf = ends_within && halves_are_in_order<U>() ? kSums<U> / 2 : kSums<U>;
  if (kSumsOfHalf < kSums<U> && 2 * blocks <= kChunkBlocks) {
    add_products<U, L::kFourRows, kSumsOfHalf>(strip, x.values, group_sums);
  } else {
    add_products<U, L::kFourRows>(strip, x.values, group_sums);
  }
  const std::byte* const ahead = strip.ahead + kQuads * L::kFourRows * 64;
  constexpr int kGroups = kInputBlock / U::kGroup;
  for (int g = 0; g < blocks * kGroups; ++g) {
    fetch_lines<0, L::kGroup>(ahead + g * L::kGroup * 64);
    const Floats products = multiply(load_floats(strip.scales[g]), to_floats(group_sums[g]));
    sum = fused(products, splat_floats(x.scales[g / kGroups]), sum);
    if constexpr (U::kBias) {
      const float input_sum = kGroups == 1 ? sums.block_sums[g] : sums.group_sums[g];
      sum = fused(load_floats(strip.biases[g]), splat_floats(input_sum), sum);
    }
  }
  return sum;
}

}  // namespace
}  // namespace hearth::cpu
