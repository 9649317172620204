// The product of a strip with one or two rows of input where vectors are one quad (ARM, WebAssembly): few
// vectors then make up whole groups, whose products are added before the next are summed, so that registers
// hold the sums of some groups and the input of some vectors. The bits are those of strip_product-inl.h's
// add_strip().
namespace hearth::cpu {
namespace {

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

/// Brings cache lines [line, end) of what is read one strip later into the L1 cache.
template <int line, int end>
inline void fetch_strip_lines(const Strip& strip) {
#if defined(__wasm__)
  // There is no prefetching. But lines are fetched in order, so the machine sees where that leads, and a read
  // of what it has fetched by itself holds up nothing, if reads are spread evenly: none may pass another.
  if constexpr (line < end) {
    const auto* const at = reinterpret_cast<const volatile int8_t*>(strip.ahead + line * 64);
    asm volatile("" : : "r"(*at) : "memory");
    fetch_strip_lines<line + 1, end>(strip);
  }
#else
  fetch_lines<line, end>(strip.ahead);
#endif
}

/// Has all that x is made of computed before what follows in the source.
inline void keep_order([[maybe_unused]] F32& x, [[maybe_unused]] const Strip& strip) {
#if defined(__wasm__)
  // Binaryen puts off whatever is not stored until it is used, more than there are registers for.
  volatile Ints& kept = strip.kept;
  kept = x.lanes;
#elif defined(__aarch64__)
  keep_order(x);
#endif
}

/// What a strip is multiplied with: chunks of `rows` rows of input.
template <class U, int rows>
struct StripInput {
  const InputChunk* x;
  const InputChunkSums* sums;
  int groups;
  int32_t first_sums[rows][kGroupsOf<U>];
};

/// Adds the products of vectors [v, end) of all weight rows to their groups' sums, the first of which is
/// first_group's.
template <class U, int lines, int first_group, int v, int end, int rows, int groups>
[[gnu::always_inline]] inline void sum_period(const Strip& strip, const InputChunk* x,
                                              Ints (&group_sums)[rows][groups]) {
  if constexpr (v < end) {
    constexpr int kSum = v / kVectorsToSum<U>;
    fetch_strip_lines<kSum * lines / kSums<U>, (kSum + 1) * lines / kSums<U>>(strip);
    HEARTH_UNROLL
    for (int r = 0; r < rows; ++r) {
      Ints& group_sum = group_sums[r][group_of<U>(v) - first_group];
      const InputVectors<U> input{x[r].values};
      group_sum = add(group_sum, sum_rows<U, v, kVectorsToSum<U>>(strip.first_row, strip.row_stride, input));
    }
    sum_period<U, lines, first_group, v + kVectorsToSum<U>, end>(strip, x, group_sums);
  }
}

/// Adds the products of a chunk of a strip's rows to the totals, period by period from `period` on.
template <class U, int lines, bool ends_within, int rows, int period = 0>
[[gnu::always_inline]] inline void add_periods(const Strip& strip, const StripInput<U, rows>& input,
                                               F32 (&totals)[rows]) {
  constexpr int kVectors = vectors_of_period<U>();
  constexpr int kGroups = kVectors * 16 / U::kGroup;
  constexpr int kFirst = period * kGroups;
  static_assert(!ends_within || kGroups == 1);
  if constexpr (period < kChunkVectors / kVectors) {
    if (ends_within && period == input.groups) return;
    Ints group_sums[rows][kGroups];
    HEARTH_UNROLL
    for (int r = 0; r < rows; ++r) {
      HEARTH_UNROLL
      for (int i = 0; i < kGroups; ++i) group_sums[r][i] = splat_ints(input.first_sums[r][kFirst + i]);
    }
    sum_period<U, lines, kFirst, period * kVectors, (period + 1) * kVectors>(strip, input.x, group_sums);
    HEARTH_UNROLL
    for (int r = 0; r < rows; ++r) {
      HEARTH_UNROLL
      for (int i = 0; i < kGroups; ++i) {
        totals[r] =
            add_group_product<U>(totals[r], group_sums[r][i], strip, input.x[r], input.sums[r], kFirst + i);
        keep_order(totals[r], strip);
      }
    }
    add_periods<U, lines, ends_within, rows, period + 1>(strip, input, totals);
  }
}

/// Adds the products of a chunk of a strip's rows with `rows` rows of input, whose chunks are side by side,
/// to the rows' totals. Chunks of strips are `lines` cache lines; only blocks shorter than a chunk can end
/// within one.
template <class U, int lines, bool ends_within, int rows>
inline void add_strip_by_periods(const Strip& strip, const InputChunk* x, const InputChunkSums* sums,
                                 int blocks, F32 (&totals)[rows]) {
  StripInput<U, rows> input{x, sums, blocks * kInputBlock / U::kGroup, {}};
  for (int r = 0; r < rows; ++r) {
    set_first_sums<U, U::kSigned ? kSignedOffset : U::kOffset>(x[r], sums[r], input.first_sums[r]);
  }
  if constexpr (ends_within) {
    if (input.groups < kGroupsOf<U>) return add_periods<U, lines, true>(strip, input, totals);
  }
  add_periods<U, lines, false>(strip, input, totals);
}

}  // namespace
}  // namespace hearth::cpu
