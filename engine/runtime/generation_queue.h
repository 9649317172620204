// Who runs and who waits: generations are let in as far as there is room for them, those of a higher priority
// first and older ones before younger ones, and put back when room runs out.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "engine/model/states.h"
#include "engine/runtime/generation.h"
#include "engine/runtime/prefix_tree.h"

namespace hearth {

class GenerationQueue {
 public:
  using Member = std::shared_ptr<Generation>;

  /// At most `max_running` run at once. The others must outlive it.
  GenerationQueue(StateStore& states, PrefixTree& prefixes, int32_t max_running)
      : states_(states), prefixes_(prefixes), max_running_(static_cast<size_t>(max_running)) {}

  /// In the order in which they are served. References are good until the next change.
  const std::deque<Member>& running() const { return running_; }
  const std::deque<Member>& waiting() const { return waiting_; }
  /// Whether generations are left, other than those that are held.
  bool is_busy() const;

  void add(Member generation);
  void remove(const Generation& generation);
  /// Puts back those that are held, and lets in as many as there is room for. One whose prompt begins like
  /// one that is being read waits for it, which spares reading it twice.
  void update();
  /// Extends the generation's state by `count` positions. Where pages are lacking, kept prefixes go first,
  /// then those that are served after this one are put back; false if that was not enough.
  bool make_room(Generation& generation, int32_t count);
  /// Has room for a sequence that is no generation's: so many pages and, where states have one size, a slot.
  /// What is kept goes for it and, if it `must` be, running generations are put back.
  void make_room_beside(int32_t pages, bool must);
  /// Has one that runs read its context from its beginning, or from where it is kept.
  void begin_anew(Generation& generation);
  /// Keeps what one that runs has read, for others. Of a text that an encoder read nothing is kept: no part
  /// of it is the same in another one.
  void keep(const Generation& generation);
  /// Frees the pages of the one that is served last; it waits, and its tokens are computed anew when it is
  /// let in again. False where none runs.
  bool put_back_last();

 private:
  static void insert(std::deque<Member>& queue, Member generation, bool before_equals);
  void put_back_held();
  void admit();
  enum class Admission { kLetIn, kNoRoom, kWaitsForReader };
  Admission let_in(Generation& generation);
  void let_in(Generation& generation, SequenceState state);
  SequenceState find_kept(const Generation& generation);
  bool is_being_read(const Generation& generation, int32_t cached) const;
  int32_t promised_pages() const;

  StateStore& states_;
  PrefixTree& prefixes_;
  size_t max_running_;
  std::deque<Member> waiting_, running_;
};

}  // namespace hearth
