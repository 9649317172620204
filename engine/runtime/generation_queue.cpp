#include "engine/runtime/generation_queue.h"

#include <algorithm>
#include <span>
#include <utility>

namespace hearth {
namespace {

bool is_held(const GenerationQueue::Member& generation) { return generation->held(); }

/// The last token is left to compute, since its logits are what comes next.
std::span<const TokenId> read_before_writing(const Generation& generation) {
  return generation.context().first(generation.context().size() - 1);
}

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
    keep(*generation);
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
  SequenceState state = find_kept(generation);
  if (is_being_read(generation, state.length())) return Admission::kWaitsForReader;
  const int32_t needed = pages_for(std::ssize(generation.context()) + 1) -
                         static_cast<int32_t>(state.pages().size()) + promised_pages();
  while (states_.free_pages() < needed && prefixes_.evict_oldest()) {
  }
  if (states_.free_pages() < needed && !running_.empty()) return Admission::kNoRoom;
  let_in(generation, std::move(state));
  return Admission::kLetIn;
}

void GenerationQueue::let_in(Generation& generation, SequenceState state) {
  generation.let_in(std::move(state));
  if (!states_.has_slots()) return;
  const std::span<const TokenId> tokens = read_before_writing(generation);
  generation.stop_at(static_cast<int32_t>(tokens.size()));
  generation.stop_at(prefixes_.known(tokens, generation.cache_key()));
}

/// What is kept of the beginning of its context, to go on from.
SequenceState GenerationQueue::find_kept(const Generation& generation) {
  if (generation.source() > 0) return SequenceState(states_, generation.source());
  return prefixes_.find(read_before_writing(generation), generation.cache_key());
}

void GenerationQueue::begin_anew(Generation& generation) {
  generation.put_back();
  let_in(generation, find_kept(generation));
}

void GenerationQueue::keep(const Generation& generation) {
  if (generation.source() > 0) return;
  prefixes_.store(generation.context(), generation.state(), generation.cache_key(), generation.last_stop());
}

/// Whether one that runs is about to have read more of its pages than the `cached` positions that are kept.
bool GenerationQueue::is_being_read(const Generation& generation, int32_t cached) const {
  if (generation.source() > 0) return false;
  return std::any_of(running_.begin(), running_.end(), [&](const Member& reader) {
    if (reader->canvas() != nullptr) return false;  // what it reads is of no use to others
    if (reader->pending() <= 1 || reader->priority() < generation.priority()) return false;
    if (reader->cache_key() != generation.cache_key()) return false;
    const std::span<const TokenId> one = reader->context();
    const std::span<const TokenId> other = read_before_writing(generation);
    const auto equal = std::mismatch(one.begin(), one.end(), other.begin(), other.end()).first - one.begin();
    const auto common = static_cast<int32_t>(equal) / kPagePositions * kPagePositions;
    if (common <= cached) return false;
    return !states_.has_slots() || reader->stop_at(common);
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
  if (states_.has_slots() && generation.state().slot() < 0) prefixes_.free_slot();
  while (!generation.state().extend(count).ok()) {
    if (prefixes_.evict_oldest()) continue;
    if (running_.back().get() == &generation) return false;
    put_back_last();
  }
  return true;
}

void GenerationQueue::make_room_beside(int32_t pages, bool must) {
  const auto has_room = [&] {
    while (states_.free_pages() < pages && prefixes_.evict_oldest()) {
    }
    return states_.free_pages() >= pages && (!states_.has_slots() || prefixes_.free_slot());
  };
  while (!has_room() && must && put_back_last()) {
  }
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
