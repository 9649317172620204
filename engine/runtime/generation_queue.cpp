#include "engine/runtime/generation_queue.h"

#include <algorithm>
#include <span>
#include <utility>

namespace hearth {
namespace {

bool is_held(const GenerationQueue::Member& generation) { return generation->held(); }

}  // namespace

bool GenerationQueue::is_busy() const {
  return !running_.empty() || !std::all_of(waiting_.begin(), waiting_.end(), is_held);
}

void GenerationQueue::add(Member generation) { insert(waiting_, std::move(generation), false); }

void GenerationQueue::remove(const Generation& generation) {
  const auto is_it = [&](const Member& each) { return each.get() == &generation; };
  if (std::erase_if(running_, is_it) == 0) std::erase_if(waiting_, is_it);
}

void GenerationQueue::update() {
  put_back_held();
  admit();
}

/// Among those of its priority it comes last, or first.
void GenerationQueue::insert(std::deque<Member>& queue, Member generation, bool before_equals) {
  const int32_t priority = generation->priority();
  const auto place = std::find_if(queue.begin(), queue.end(), [&](const Member& each) {
    return before_equals ? each->priority() <= priority : each->priority() < priority;
  });
  queue.insert(place, std::move(generation));
}

/// Their pages go to the tree of prefixes, where others may take them; what is left there need not be
/// computed again.
void GenerationQueue::put_back_held() {
  for (size_t index = running_.size(); index-- > 0;) {
    if (!running_[index]->held()) continue;
    const Member generation = running_[index];
    prefixes_.store(generation->context(), generation->state(), generation->cache_key());
    generation->put_back();
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(index));
    insert(waiting_, generation, true);
  }
}

void GenerationQueue::admit() {
  for (size_t index = 0; index < waiting_.size();) {
    const Member generation = waiting_[index];
    const Admission admission = is_held(generation)              ? Admission::kWaitsForReader
                                : running_.size() < max_running_ ? let_in(*generation)
                                                                 : Admission::kNoRoom;
    if (admission == Admission::kLetIn) {
      std::erase(waiting_, generation);
      insert(running_, generation, false);
    } else if (admission == Admission::kWaitsForReader) {
      ++index;
    } else if (!running_.empty() && running_.back()->priority() < generation->priority()) {
      put_back_last();
    } else {
      return;
    }
  }
}

/// Where there is room for the tokens it has. How long it will become is not known; when room runs out, the
/// last is put back (make_room).
GenerationQueue::Admission GenerationQueue::let_in(Generation& generation) {
  // The last token is left to compute, since its logits are what comes next.
  SequenceState state =
      prefixes_.find(generation.context().first(generation.context().size() - 1), generation.cache_key());
  if (is_being_read(generation, state.length())) return Admission::kWaitsForReader;
  const int32_t needed = pages_for(std::ssize(generation.context()) + 1) -
                         static_cast<int32_t>(state.pages().size()) + promised_pages();
  while (states_.free_pages() < needed && prefixes_.evict_oldest()) {
  }
  if (states_.free_pages() < needed && !running_.empty()) return Admission::kNoRoom;
  generation.let_in(std::move(state));
  return Admission::kLetIn;
}

/// Whether one that runs is about to have read more of its pages than the `cached` positions that are kept.
bool GenerationQueue::is_being_read(const Generation& generation, int32_t cached) const {
  if (states_.has_slots()) return false;
  return std::any_of(running_.begin(), running_.end(), [&](const Member& reader) {
    if (reader->pending() <= 1 || reader->priority() < generation.priority()) return false;
    if (reader->cache_key() != generation.cache_key()) return false;
    const std::span<const TokenId> one = reader->context();
    const std::span<const TokenId> other = generation.context().first(generation.context().size() - 1);
    const auto common = std::mismatch(one.begin(), one.end(), other.begin(), other.end()).first - one.begin();
    return common / kPagePositions * kPagePositions > cached;
  });
}

/// Pages that running generations will still take for the tokens they already have and the next one.
int32_t GenerationQueue::promised_pages() const {
  int32_t pages = 0;
  for (const Member& generation : running_) {
    pages += std::max(0, pages_for(std::ssize(generation->context()) + 1) -
                             static_cast<int32_t>(generation->state().pages().size()));
  }
  return pages;
}

bool GenerationQueue::make_room(Generation& generation, int32_t count) {
  while (!generation.state().extend(count).ok()) {
    if (prefixes_.evict_oldest()) continue;
    if (running_.back().get() == &generation) return false;
    put_back_last();
  }
  return true;
}

bool GenerationQueue::put_back_last() {
  if (running_.empty()) return false;
  const Member last = running_.back();
  running_.pop_back();
  last->put_back();
  insert(waiting_, last, true);
  return true;
}

}  // namespace hearth
