// The product of a strip of kLanes weight rows with several rows of input, of types whose bytes can be
// transposed before they are taken apart: how batches of a few sequences are multiplied
// (integer_product-inl.h). As in a panel, a vector is four columns of all weight rows, but it is taken apart
// in registers and multiplied with all rows of input there and then.
namespace hearth::cpu {
namespace {

template <class U>
constexpr int kGroupsOfPeriod = U::kPeriod * 16 / U::kGroup;

/// Cache lines fetched for each period of a chunk of `lines` lines.
template <class U, int lines>
constexpr int kLinesOfPeriod = (lines * U::kPeriod + kChunkQuads - 1) / kChunkQuads;

/// Fetches an even share (why even, `Lines` says) of a period's `lines` cache lines from `ahead` on: while it
/// is loaded (place 0), or before a group is multiplied (places from 1 on).
template <class U, int lines, int place>
inline void fetch_lines_at(const std::byte* ahead) {
  constexpr int kPlaces = kGroupsOfPeriod<U> + 1;
  fetch_lines<place * lines / kPlaces, (place + 1) * lines / kPlaces>(ahead);
}

/// Rows of input for chunk after chunk of one strip.
struct InputRows {
  const InputChunk* chunks;
  const InputChunkSums* sums;
};

/// Adds the products of fours [first, end) of a period's columns with `rows` rows of input; x is the first
/// row's.
template <class U, int rows, int first, int end>
inline void add_fours(const PeriodWords<U>& words, const int8_t* x, Ints (&to)[rows]) {
  using Form = PanelForm<U::kSigned, U::kOffset>;
  if constexpr (first < end) {
    const Bytes weights = Form::pack(U::template columns<first / 4, first % 4>(words));
    HEARTH_UNROLL
    for (int r = 0; r < rows; ++r) {
      const Bytes four = splat_four_bytes(x + r * sizeof(InputChunk) + 4 * first);
      to[r] = dot<Form::kSigned>(to[r], weights, four);
    }
    add_fours<U, rows, first + 1, end>(words, x, to);
  }
}

/// Adds the products of group g of the chunk, whose integers add up to `group_sums`, to the rows' totals.
template <class U, int rows>
inline void add_group_products(const Ints (&group_sums)[rows], const Strip& strip, const InputRows& x, int g,
                               F32 (&totals)[rows]) {
  constexpr int kGroups = kInputBlock / U::kGroup;
  const F32 scales = load(strip.scales[g]);
  const F32 shifts = scales * broadcast(-kShift);
  HEARTH_UNROLL
  for (int r = 0; r < rows; ++r) {
    const F32 products = scale_sums(group_sums[r], scales, shifts);
    totals[r] = multiply_add(products, broadcast(x.chunks[r].scales[g / kGroups]), totals[r]);
    if constexpr (U::kBias) {
      const float input_sum = kGroups == 1 ? x.sums[r].block_sums[g] : x.sums[r].group_sums[g];
      totals[r] = multiply_add(load(strip.biases[g]), broadcast(input_sum), totals[r]);
    }
  }
}

/// Adds the products of a period's groups from `group` on; the period's first is first_group of the chunk.
/// Fetches `lines` cache lines from `ahead` on meanwhile.
template <class U, int rows, int lines, int group = 0>
inline void add_groups(const PeriodWords<U>& words, const Strip& strip, const InputRows& x, int first_group,
                       const std::byte* ahead, F32 (&totals)[rows]) {
  if constexpr (group < kGroupsOfPeriod<U>) {
    using Form = PanelForm<U::kSigned, U::kOffset>;
    constexpr int kFours = U::kGroup / 4;
    fetch_lines_at<U, lines, group + 1>(ahead);
    const int g = first_group + group;
    Ints group_sums[rows];
    HEARTH_UNROLL
    for (int r = 0; r < rows; ++r) {
      group_sums[r] = initial_sum<U, Form::kOffset>(x.chunks[r], x.sums[r], g);
    }
    add_fours<U, rows, group * kFours, (group + 1) * kFours>(
        words, x.chunks->values + first_group * U::kGroup, group_sums);
    add_group_products<U>(group_sums, strip, x, g, totals);
    add_groups<U, rows, lines, group + 1>(words, strip, x, first_group, ahead, totals);
  }
}

/// Adds the products of the first `blocks` blocks of a chunk, of `lines` cache lines, to the rows' totals.
template <class U, int rows, int lines>
inline void add_columns(const Strip& strip, const InputRows& x, int blocks, F32 (&totals)[rows]) {
  constexpr int kLines = kLinesOfPeriod<U, lines>;
  const int periods = blocks * kInputBlock / (16 * U::kPeriod);
  for (int period = 0; period < periods; ++period) {
    const std::byte* const ahead = strip.ahead + period * kLines * 64;
    fetch_lines_at<U, kLines, 0>(ahead);
    PeriodWords<U> words;
    U::load_period(strip, period, words);
    add_groups<U, rows, kLines>(words, strip, x, period * kGroupsOfPeriod<U>, ahead, totals);
  }
}

}  // namespace
}  // namespace hearth::cpu
