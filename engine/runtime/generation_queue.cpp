#include "engine/runtime/generation_queue.h"

#include <algorithm>
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

/// Their pages go to the prefix cache, where others may take them; what is left there need not be computed
/// again.
void GenerationQueue::put_back_held() {
  for (size_t index = running_.size(); index-- > 0;) {
    if (!running_[index]->held()) continue;
    const Member generation = running_[index];
    prefixes_.store(generation->tokens(), generation->state());
    generation->put_back();
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(index));
    insert(waiting_, generation, true);
  }
}

void GenerationQueue::admit() {
  while (true) {
    const auto next = std::find_if_not(waiting_.begin(), waiting_.end(), is_held);
    if (next == waiting_.end()) return;
    const Member generation = *next;
    if (running_.size() < max_running_ && let_in(*generation)) {
      std::erase(waiting_, generation);
      insert(running_, generation, false);
    } else if (!running_.empty() && running_.back()->priority() < generation->priority()) {
      put_back_last();
    } else {
      return;
    }
  }
}

/// Where there is room for the tokens it has. How long it will become is not known; when room runs out, the
/// last is put back (make_room).
bool GenerationQueue::let_in(Generation& generation) {
  SequenceState state = prefixes_.find(generation.tokens());
  const int32_t needed = pages_for(std::ssize(generation.tokens()) + 1) -
                         static_cast<int32_t>(state.pages().size()) + promised_pages();
  while (states_.free_pages() < needed && prefixes_.evict_oldest()) {
  }
  if (states_.free_pages() < needed && !running_.empty()) return false;
  generation.let_in(std::move(state));
  return true;
}

/// Pages that running generations will still take for the tokens they already have and the next one.
int32_t GenerationQueue::promised_pages() const {
  int32_t pages = 0;
  for (const Member& generation : running_) {
    pages += std::max(0, pages_for(std::ssize(generation->tokens()) + 1) -
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
