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

/// Brings the next strip nearer while this one is multiplied: of its `lines` cache lines from `ahead` on, the
/// share of one row of vectors v to v + step - 1. Spread out, because a core waits for no more than about
/// twelve lines at a time: asked for all at once they would keep the multiplication from starting.
template <int lines, int v, int step>
inline void prefetch_share(const std::byte* ahead, int row) {
  constexpr int kShares = kChunkVectors * kLanes;
  const int first = (v * kLanes + row * step) * lines / kShares;
  const int last = (v * kLanes + (row + 1) * step) * lines / kShares;
  for (int line = first; line < last; ++line) __builtin_prefetch(ahead + line * 64, 0, 2);
}

/// Products of vector v of one row with x; of vectors v and v + 1 where these cover the halves of one group.
template <class U, int v, int step, int lines>
inline Ints row_products(const Strip& strip, int lane, const Bytes (&x)[step]) {
  const std::byte* row = strip.rows[lane];
  prefetch_share<lines, v, step>(strip.ahead, lane);
  Ints products = dot<U::kSigned>(zero_ints(), U::template values<v>(row), x[0]);
  if constexpr (step == 2) products = dot<U::kSigned>(products, U::template values<v + 1>(row), x[1]);
  return products;
}

/// Adds the products of vectors v to v + step - 1 of all rows to their groups' sums.
template <class U, int v, int step, int lines>
inline void add_products(const Strip& strip, const int8_t* x_values, Ints (&group_sums)[kGroupsOf<U>]) {
  Bytes x[step];
  for (int i = 0; i < step; ++i) {
    x[i] = load_pieces([=](int q) { return x_values + 16 * U::quad((v + i) * kQuads + q); });
  }
  Ints by_quad[kQuads];  // by_quad[q]: rows are lanes
  for (int i = 0; i < kQuads; ++i) {
    Ints a = row_products<U, v, step, lines>(strip, 4 * i, x);
    Ints b = row_products<U, v, step, lines>(strip, 4 * i + 1, x);
    Ints c = row_products<U, v, step, lines>(strip, 4 * i + 2, x);
    Ints d = row_products<U, v, step, lines>(strip, 4 * i + 3, x);
    // The transposition of transpose_in_quads(), adding halfway: a quad ends as the sums of four rows.
    const Ints ab = add(interleave_low(a, b), interleave_high(a, b));
    const Ints cd = add(interleave_low(c, d), interleave_high(c, d));
    by_quad[i] = add(interleave_low_pairs(ab, cd), interleave_high_pairs(ab, cd));
  }
  transpose_quads(by_quad);
  for (int q = 0; q < kQuads; ++q) {
    Ints& group_sum = group_sums[group_of<U>(v * kQuads + q)];
    group_sum = add(group_sum, by_quad[q]);
  }
}

template <class U, int lines, int v = 0>
inline void add_all_products(const Strip& strip, const int8_t* x, Ints (&group_sums)[kGroupsOf<U>]) {
  if constexpr (v < kChunkVectors) {
    constexpr bool kPaired = [] {
      for (int q = 0; q < kQuads; ++q) {
        if (v + 1 == kChunkVectors) return false;
        if (group_of<U>(v * kQuads + q) != group_of<U>((v + 1) * kQuads + q)) return false;
      }
      return true;
    }();
    constexpr int kStep = kPaired ? 2 : 1;
    add_products<U, v, kStep, lines>(strip, x, group_sums);
    add_all_products<U, lines, v + kStep>(strip, x, group_sums);
  }
}

/// `sum` plus the products of a chunk of a strip's rows with one row of input. Chunks of strips are `lines`
/// cache lines.
template <class U, int lines>
inline Floats add_strip(Floats sum, const Strip& strip, const InputChunk& x, const InputChunkSums& sums,
                        int blocks) {
  // What the weights are too large by, times the sum of the input.
  constexpr int kOffset = U::kSigned ? kSignedOffset : U::kOffset;
  Ints group_sums[kGroupsOf<U>];
  for (int g = 0; g < kGroupsOf<U>; ++g) {
    group_sums[g] = kOffset == 0 ? first_sum<U>(sums, g)
                                 : splat_ints((group_offsets<U>(x, sums)[g] - kShiftBits) / 128 * kOffset);
  }
  add_all_products<U, lines>(strip, x.values, group_sums);
  constexpr int kGroups = kInputBlock / U::kGroup;
  for (int g = 0; g < blocks * kGroups; ++g) {
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
