// The product of a strip with one row of input where vectors are one quad and registers many: few vectors
// then make up whole groups, whose products are added before the next are summed, so that registers hold the
// sums of some groups and the input of some vectors. The bits are those of strip_product-inl.h's add_strip().
namespace hearth::cpu {
namespace {

static_assert(kQuads == 1);

/// The fewest vectors that make up groups one after the other, wherever in the chunk they begin.
template <class U>
constexpr int vectors_of_period() {
  for (int vectors = kVectorsToSum<U>; vectors < kChunkVectors; vectors *= 2) {
    const int groups = vectors * 16 / U::kGroup;
    bool is_whole = groups > 0;
    for (int v = 0; is_whole && v < kChunkVectors; ++v) is_whole = group_of<U>(v) / groups == v / vectors;
    if (is_whole) return vectors;
  }
  return kChunkVectors;
}

/// The chunk's input as vectors in the order of the weights'.
template <class U>
struct InputVectors {
  Bytes operator[](int v) const { return load_bytes(values + 16 * U::quad(v)); }
  const int8_t* values;
};

/// What a strip is multiplied with.
template <class U>
struct StripInput {
  const std::byte* ahead;  // the strip's
  const InputChunk& x;
  const InputChunkSums& sums;
  const int32_t (&first_sums)[kGroupsOf<U>];
  int groups;
};

/// Adds the products of vectors [v, end) of all rows to their groups' sums, the first of which is
/// first_group's.
template <class U, int lines, int first_group, int v, int end>
[[gnu::always_inline]] inline void sum_period(const Strip& strip, const std::byte* ahead, const int8_t* x,
                                              Ints* group_sums) {
  if constexpr (v < end) {
    constexpr int kSum = v / kVectorsToSum<U>;
    fetch_lines<kSum * lines / kSums<U>, (kSum + 1) * lines / kSums<U>>(ahead);
    const Ints rows = sum_rows<U, v, kVectorsToSum<U>>(strip.row(0), strip.row_stride, InputVectors<U>{x});
    Ints& group_sum = group_sums[group_of<U>(v) - first_group];
    group_sum = add(group_sum, rows);
    sum_period<U, lines, first_group, v + kVectorsToSum<U>, end>(strip, ahead, x, group_sums);
  }
}

/// `sum` plus the products of a chunk of a strip's rows, period by period from `period` on.
template <class U, int lines, bool ends_within, int period = 0>
[[gnu::always_inline]] inline F32 add_periods(F32 sum, const Strip& strip, const StripInput<U>& input) {
  constexpr int kVectors = vectors_of_period<U>();
  constexpr int kGroups = kVectors * 16 / U::kGroup;
  static_assert(!ends_within || kGroups == 1);
  if constexpr (period < kChunkVectors / kVectors) {
    if (ends_within && period == input.groups) return sum;
    Ints group_sums[kGroups];
    HEARTH_UNROLL
    for (int i = 0; i < kGroups; ++i) group_sums[i] = splat_ints(input.first_sums[period * kGroups + i]);
    sum_period<U, lines, period * kGroups, period * kVectors, (period + 1) * kVectors>(
        strip, input.ahead, input.x.values, group_sums);
    HEARTH_UNROLL
    for (int i = 0; i < kGroups; ++i) {
      sum = add_group_product<U>(sum, group_sums[i], strip, input.x, input.sums, period * kGroups + i);
      keep_order(sum);
    }
    return add_periods<U, lines, ends_within, period + 1>(sum, strip, input);
  } else {
    return sum;
  }
}

/// add_strip().
template <class U, int lines, bool ends_within>
inline F32 add_strip_by_periods(F32 sum, const Strip& strip, const InputChunk& x, const InputChunkSums& sums,
                                int blocks) {
  // Where there is a second row of input, compilers would take the weights apart once for both, and have no
  // registers for so many; nor for addresses of all that is ahead.
  const std::byte* ahead = strip.ahead;
  asm volatile("" : "+r"(ahead) : : "memory");
  int32_t first_sums[kGroupsOf<U>];
  set_first_sums<U, U::kSigned ? kSignedOffset : U::kOffset>(x, sums, first_sums);
  const StripInput<U> input{ahead, x, sums, first_sums, blocks * kInputBlock / U::kGroup};
  if constexpr (ends_within) {
    if (input.groups < kGroupsOf<U>) return add_periods<U, lines, true>(sum, strip, input);
  }
  return add_periods<U, lines, false>(sum, strip, input);
}

}  // namespace
}  // namespace hearth::cpu
