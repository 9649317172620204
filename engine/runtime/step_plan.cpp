#include "engine/runtime/step_plan.h"

#include <algorithm>

namespace hearth {
namespace {

/// Whether it has more to read than the token it wrote last.
bool reads(const Generation& generation) { return generation.pending() > 1; }

/// Rows that are left of a step for those that read, and how they are shared.
class ReadingRows {
 public:
  ReadingRows(const GenerationQueue& queue, int32_t max_rows) : queue_(queue), free_(max_rows) {
    for (const auto& generation : queue.running()) free_ -= reads(*generation) ? 0 : 1;
    free_ = std::max(free_, 1);
  }

  /// An even share among those of its priority that come from `index` on.
  int32_t share_of(size_t index) const {
    const auto& running = queue_.running();
    int32_t equals = 0;
    for (size_t other = index; other < running.size(); ++other) {
      if (running[other]->priority() != running[index]->priority()) break;
      if (reads(*running[other])) ++equals;
    }
    return std::min(running[index]->pending(), (free_ + equals - 1) / equals);
  }
  void take(int32_t count) { free_ -= count; }

 private:
  const GenerationQueue& queue_;
  int32_t free_;
};

}  // namespace

StepPlan StepPlan::make(GenerationQueue& queue, int32_t max_rows) {
  ReadingRows reading(queue, max_rows);
  StepPlan planned;
  // Those that are served first come first, so that making room for one never takes from a member.
  for (size_t index = 0; index < queue.running().size(); ++index) {
    const std::shared_ptr<Generation> generation = queue.running()[index];
    const int32_t pending = generation->pending();
    const bool is_reading = reads(*generation);
    const int32_t count = is_reading ? reading.share_of(index) : 1;
    if (count == 0 || !queue.make_room(*generation, count)) continue;
    if (is_reading) reading.take(count);
    const int32_t outputs = count == pending ? 1 : 0;
    planned.rows.add(generation->context(), generation->state(), count, outputs);
    planned.members.push_back({generation, count, outputs});
  }
  return planned;
}

}  // namespace hearth
