#include "engine/runtime/step_plan.h"

#include <algorithm>

namespace hearth {
namespace {

/// Whether it has more to read than the token it wrote last.
bool reads(const Generation& generation) { return generation.pending() > 1; }

/// The last token and the draft that follows it.
int32_t writing_rows(const Generation& generation) {
  return 1 + static_cast<int32_t>(generation.draft().size());
}

/// Rows that are left of a step for those that read, and how they are shared.
class ReadingRows {
 public:
  ReadingRows(const GenerationQueue& queue, int32_t max_rows, int32_t reading_rows)
      : queue_(queue), free_(max_rows) {
    for (const auto& generation : queue.running())
      free_ -= reads(*generation) ? 0 : writing_rows(*generation);
    free_ = std::max(std::min(free_, reading_rows), 1);
  }

  /// An even share among those of its priority that come from `index` on.
  int32_t share_of(size_t index) const {
    const auto& running = queue_.running();
    int32_t equals = 0;
    for (size_t other = index; other < running.size(); ++other) {
      if (running[other]->priority() != running[index]->priority()) break;
      if (reads(*running[other])) ++equals;
    }
    const Generation& reader = *running[index];
    const int32_t most = std::min(reader.pending(), reader.next_stop() - reader.state().length());
    return std::min(most, (free_ + equals - 1) / equals);
  }
  void take(int32_t count) { free_ -= count; }

 private:
  const GenerationQueue& queue_;
  int32_t free_;
};

/// Extends a state by as many rows of its prompt.
StepPlan::Member read(GenerationQueue& queue, const std::shared_ptr<Generation>& generation, int32_t rows) {
  const bool completes = rows == generation->pending();
  if (rows == 0 || !queue.make_room(*generation, rows)) return {generation, 0, 0};
  return {generation, rows, completes ? 1 : 0};
}

/// Extends a state by the last token and the draft, which no other makes room for.
StepPlan::Member write(GenerationQueue& queue, const std::shared_ptr<Generation>& generation) {
  const int32_t rows = writing_rows(*generation);
  if (rows > 1 && generation->state().extend(rows).ok()) return {generation, rows, rows};
  generation->drop_draft();
  return {generation, queue.make_room(*generation, 1) ? 1 : 0, 1};
}

}  // namespace

void StepPlan::add(Member member) {
  member.first_output = rows.outputs.size();
  const Generation& generation = *member.generation;
  rows.add(generation.context(), generation.state(), member.rows, member.outputs, generation.draft(),
           generation.adapters());
  members.push_back(std::move(member));
}

StepPlan StepPlan::of_sources(GenerationQueue& queue, int32_t max_rows) {
  StepPlan planned;
  for (size_t index = 0; index < queue.running().size(); ++index) {
    const std::shared_ptr<Generation> generation = queue.running()[index];
    if (!generation->has_unread_source()) continue;
    const int64_t rows = std::ssize(planned.rows.tokens) + generation->source();
    if (!planned.members.empty() && rows > max_rows) continue;
    if (queue.make_room(*generation, generation->source()))
      planned.add({generation, generation->source(), 0});
  }
  // Who writes does so in the next step, and drafts anew.
  for (const auto& generation : queue.running()) {
    if (!planned.members.empty()) generation->drop_draft();
  }
  return planned;
}

StepPlan StepPlan::make(GenerationQueue& queue, int32_t max_rows, int32_t reading_rows) {
  StepPlan planned = of_sources(queue, max_rows);
  if (!planned.members.empty()) return planned;
  ReadingRows reading(queue, max_rows, reading_rows);
  // Those that are served first come first, so that making room for one never takes from a member.
  for (size_t index = 0; index < queue.running().size(); ++index) {
    const std::shared_ptr<Generation> generation = queue.running()[index];
    if (generation->has_unread_source()) continue;
    const bool is_reading = reads(*generation);
    const Member member =
        is_reading ? read(queue, generation, reading.share_of(index)) : write(queue, generation);
    if (member.rows == 0) continue;
    if (is_reading) reading.take(member.rows);
    planned.add(member);
  }
  return planned;
}

bool StepPlan::is_unwanted() const {
  return std::ranges::all_of(members, [](const Member& each) { return each.generation->cancelled(); });
}

void StepPlan::undo() const {
  for (const Member& member : members) {
    SequenceState& state = member.generation->state();
    state.truncate(state.length() - member.rows);
  }
}

}  // namespace hearth
