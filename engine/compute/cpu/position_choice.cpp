#include "engine/compute/cpu/position_choice.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <vector>

#include "engine/compute/cpu/attention.h"
#include "engine/compute/host.h"

namespace hearth::cpu {
namespace {

/// Scores that are kept at one time, about: 4 MiB.
constexpr int64_t kScores = 1 << 20;

/// A number that is the larger the better the score, and among those of equal scores the earlier the block.
/// What is no number has its place among the others, too.
uint64_t rank_of(float score, int32_t block) {
  const auto bits = std::bit_cast<uint32_t>(score + 0.0F);  // -0 is 0
  constexpr uint32_t kSign = 0x80000000U;
  const uint32_t rank = (bits & kSign) != 0 ? ~bits : bits | kSign;
  return uint64_t{rank} << 32 | static_cast<uint32_t>(~block);
}

/// A list, of the scores of all positions that its row sees; `ranks` is room to work in.
void choose_best(std::span<const float> scores, const ChosenPositions& chosen, std::vector<uint64_t>& ranks,
                 std::span<float> list) {
  const auto size = static_cast<size_t>(chosen.block);
  const size_t own = (scores.size() - 1) / size;
  ranks.clear();
  for (size_t block = 0; block <= own; ++block) {
    const auto positions = scores.subspan(block * size, std::min(size, scores.size() - block * size));
    const float score = own - block < static_cast<size_t>(chosen.latest)
                            ? std::numeric_limits<float>::infinity()
                            : *std::ranges::max_element(positions);
    ranks.push_back(rank_of(score, static_cast<int32_t>(block)));
  }
  std::ranges::nth_element(ranks, ranks.begin() + static_cast<ptrdiff_t>(list.size()) - 1, std::greater());
  std::ranges::transform(std::span(ranks).first(list.size()), list.begin(),
                         [](uint64_t rank) { return static_cast<float>(~static_cast<uint32_t>(rank)); });
  std::ranges::sort(list);
}

/// One call of choose_positions.
class PositionChoice {
 public:
  PositionChoice(Context& context, const KvPages& keys, const BatchRows& rows, Tensor q, Tensor weights,
                 const ChosenPositions& chosen)
      : context_(context),
        keys_(keys),
        rows_(rows),
        q_(q),
        weights_(weights),
        chosen_(chosen),
        n_head_(q.columns / keys.layout.key_dimension) {
    for (int64_t row = 0; row < q.rows; ++row) {
      if (!chosen.chooses(position_of(row))) continue;
      choosing_.push_back(row);
      longest_ = std::max(longest_, int64_t{position_of(row)} + 1);
    }
  }

  void run() const {
    if (choosing_.empty()) return;
    const int64_t together = std::max<int64_t>(1, kScores / (longest_ * chosen_.lists));
    for (std::span<const int64_t> left = choosing_; !left.empty();) {
      const auto some = left.first(std::min(left.size(), static_cast<size_t>(together)));
      choose(some);
      left = left.subspan(some.size());
    }
  }

 private:
  int32_t position_of(int64_t row) const { return rows_.positions[static_cast<size_t>(row)]; }
  /// Of one list's scores.
  int64_t stride() const { return int64_t{pages_for(longest_)} * kPagePositions; }

  void choose(std::span<const int64_t> rows) const;
  void score(std::span<const int64_t> rows, float* scores) const;
  void score_page(int64_t row, int64_t page, float* work, float* scores) const;

  Context& context_;
  const KvPages& keys_;
  const BatchRows& rows_;
  Tensor q_;
  Tensor weights_;
  const ChosenPositions& chosen_;
  int64_t n_head_;
  std::vector<int64_t> choosing_;  // the rows that see more than is chosen
  int64_t longest_ = 0;            // of what one of them sees
};

void PositionChoice::choose(std::span<const int64_t> rows) const {
  const int64_t lists = chosen_.lists;
  const auto count = static_cast<int64_t>(rows.size());
  float* const scores = context_.shared.floats(count * lists * stride());
  score(rows, scores);
  parallel_for(context_, count * lists, longest_, [&](int64_t index, int thread) {
    const int64_t row = rows[static_cast<size_t>(index / lists)];
    float* const list =
        floats_of(chosen_.blocks) + row * chosen_.blocks.columns + index % lists * chosen_.count();
    choose_best({scores + index * stride(), static_cast<size_t>(position_of(row)) + 1}, chosen_,
                context_.scratch(thread).ranks, {list, static_cast<size_t>(chosen_.count())});
  });
}

/// Each score is computed by itself, so that which rows are computed together changes none.
void PositionChoice::score(std::span<const int64_t> rows, float* scores) const {
  const int64_t pages_a_task = kRangePositions / kPagePositions;
  const int64_t tasks = (pages_for(longest_) + pages_a_task - 1) / pages_a_task;
  const int64_t dimension = keys_.layout.key_dimension;
  const auto score_task = [&](int64_t index, int thread) {
    float* const work = context_.scratch(thread).floats.floats((n_head_ + dimension) * kPagePositions);
    const int64_t place = index / tasks;
    const int64_t row = rows[static_cast<size_t>(place)];
    const int64_t first = index % tasks * pages_a_task;
    const int64_t end = std::min<int64_t>(first + pages_a_task, pages_for(int64_t{position_of(row)} + 1));
    float* const of_row = scores + place * chosen_.lists * stride();
    for (int64_t page = first; page < end; ++page) score_page(row, page, work, of_row);
  };
  parallel_for(context_, static_cast<int64_t>(rows.size()) * tasks, n_head_ * kRangePositions * dimension / 8,
               score_task);
}

/// Of the row's page of that number; slots that it does not see get scores of what lies there.
void PositionChoice::score_page(int64_t row, int64_t page, float* work, float* scores) const {
  const auto pages = rows_.pages[static_cast<size_t>(rows_.sequences[static_cast<size_t>(row)])];
  const KvLayout& layout = keys_.layout;
  PageAttention look;
  look.type = layout.type;
  look.key_dimension = layout.key_dimension;
  look.keys = address_of(keys_.memory) + layout.key_offset(pages[static_cast<size_t>(page)], 0);
  look.rows = n_head_;
  look.queries = floats_of(q_) + row * q_.columns;
  context_.vector.score_page(look, work, work + n_head_ * kPagePositions);
  scores += page * kPagePositions;
  if (!weights_.data) {
    for (int64_t head = 0; head < n_head_; ++head) {
      std::copy_n(work + head * kPagePositions, kPagePositions, scores + head * stride());
    }
    return;
  }
  std::fill_n(scores, kPagePositions, 0.0F);
  for (int64_t head = 0; head < n_head_; ++head) {
    const float weight = floats_of(weights_)[row * n_head_ + head];
    const float* const products = work + head * kPagePositions;
    for (int64_t slot = 0; slot < kPagePositions; ++slot) {
      scores[slot] += weight * std::max(products[slot], 0.0F);
    }
  }
}

}  // namespace

void choose_positions(Context& context, const KvPages& keys, const BatchRows& rows, Tensor q, Tensor weights,
                      const ChosenPositions& chosen) {
  PositionChoice(context, keys, rows, q, weights, chosen).run();
}

}  // namespace hearth::cpu
