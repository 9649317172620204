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
inline int32_t first_sum([[maybe_unused]] const InputChunkSums& sums, [[maybe_unused]] int g) {
#if defined(HEARTH_PAIR_SUMS)
  if constexpr (U::kSigned)
    return U::kGroup == kInputBlock ? sums.negative_block_sums[g] : sums.negative_sums[g];
#endif
  return 0;
}

/// What the sums of a chunk's groups start with where weights are too large by `offset`: that times the sum
/// of the input, taken away.
template <class U, int offset>
inline void set_first_sums(const InputChunk& x, const InputChunkSums& sums,
                           int32_t (&first_sums)[kGroupsOf<U>]) {
  if constexpr (offset == 0) {
    for (int g = 0; g < kGroupsOf<U>; ++g) first_sums[g] = first_sum<U>(sums, g);
  } else if constexpr (kQuads == 1) {
    // Written out, as compilers for WebAssembly take one number at a time.
    for (int g = 0; g < kGroupsOf<U>; g += kLanes) {
      const Ints shifted = add(load_bytes(group_offsets<U>(x, sums) + g), splat_ints(-kShiftBits));
      const Ints first = shift_left<log2_of(offset)>(shift_right_signed<7>(shifted));
      __builtin_memcpy(first_sums + g, &first, sizeof first);
    }
  } else {
    for (int g = 0; g < kGroupsOf<U>; ++g) {
      first_sums[g] = ((group_offsets<U>(x, sums)[g] - kShiftBits) >> 7) * offset;
    }
  }
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
  // Narrow sums are many: enough places without the groups.
  static constexpr int kFourRows = kQuads == 1 ? lines : lines * kSums<U> / kPlaces;
  static constexpr int kGroup = (lines - kQuads * kFourRows + kGroupsOf<U> - 1) / kGroupsOf<U>;
  static constexpr int kAll = kQuads * kFourRows + kGroupsOf<U> * kGroup;
};

/// Brings a cache line into the L1 cache.
inline void fetch_line(const std::byte* line) { __builtin_prefetch(line); }

/// Brings cache lines [line, end) from `ahead` on into the L1 cache.
template <int line, int end>
inline void fetch_lines(const std::byte* ahead) {
  if constexpr (line < end) {
    fetch_line(ahead + line * 64);
    fetch_lines<line + 1, end>(ahead);
  }
}

/// Sums s and up of four rows: to[s] gets their totals over each quad, a row in each of its lanes. Fetches
/// the share of `lines` cache lines.
template <class U, int lines, int sums, int s = 0>
inline void sum_four_rows(const std::byte* row, int64_t stride, const Bytes (&x)[kChunkVectors],
                          const std::byte* ahead, Ints (&to)[sums]) {
  if constexpr (s < sums) {
    fetch_lines<s * lines / sums, (s + 1) * lines / sums>(ahead);
    to[s] = sum_rows<U, s * kVectorsToSum<U>, kVectorsToSum<U>>(row, stride, x);
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

/// `sum` plus the products of group g, whose integers add up to `group_sum`.
template <class U>
inline F32 add_group_product(F32 sum, Ints group_sum, const Strip& strip, const InputChunk& x,
                             const InputChunkSums& sums, int g) {
  constexpr int kGroups = kInputBlock / U::kGroup;
  const F32 products = load(strip.scales[g]) * to_f32(group_sum);
  sum = multiply_add(products, broadcast(x.scales[g / kGroups]), sum);
  if constexpr (!U::kBias) return sum;
  const float input_sum = kGroups == 1 ? sums.block_sums[g] : sums.group_sums[g];
  return multiply_add(load(strip.biases[g]), broadcast(input_sum), sum);
}

/// `sum` plus the products of a chunk of a strip's rows with one row of input. Chunks of strips are `lines`
/// cache lines; only blocks shorter than a chunk can end within one.
template <class U, int lines, bool ends_within>
inline F32 add_strip(F32 sum, const Strip& strip, const InputChunk& x, const InputChunkSums& sums,
                     int blocks) {
  int32_t first_sums[kGroupsOf<U>];
  set_first_sums<U, U::kSigned ? kSignedOffset : U::kOffset>(x, sums, first_sums);
  Ints group_sums[kGroupsOf<U>];
  for (int g = 0; g < kGroupsOf<U>; ++g) group_sums[g] = splat_ints(first_sums[g]);
  using L = Lines<U, lines>;
  constexpr int kSumsOfHalf = ends_within && halves_are_in_order<U>() ? kSums<U> / 2 : kSums<U>;
  if (kSumsOfHalf < kSums<U> && 2 * blocks <= kChunkBlocks) {
    add_products<U, L::kFourRows, kSumsOfHalf>(strip, x.values, group_sums);
  } else {
    add_products<U, L::kFourRows>(strip, x.values, group_sums);
  }
  const std::byte* const ahead = strip.ahead + kQuads * L::kFourRows * 64;
  // Short steps are worth writing out; but sixteen of them no longer gain where registers are wide.
  constexpr bool kWrittenOut = kGroupsOf<U> <= kChunkBlocks;
  const int groups = blocks * kInputBlock / U::kGroup;
  if constexpr (kWrittenOut) {
    for (int g = 0; g < kGroupsOf<U>; ++g) {
      if (ends_within && g == groups) return sum;
      fetch_lines<0, L::kGroup>(ahead + g * L::kGroup * 64);
      sum = add_group_product<U>(sum, group_sums[g], strip, x, sums, g);
    }
  } else {
    for (int g = 0; g < groups; ++g) {
      fetch_lines<0, L::kGroup>(ahead + g * L::kGroup * 64);
      sum = add_group_product<U>(sum, group_sums[g], strip, x, sums, g);
    }
  }
  return sum;
}

}  // namespace
}  // namespace hearth::cpu
