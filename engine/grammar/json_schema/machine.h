// The members of an array or object, one after another, as a machine that counts what must be counted.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/json_schema/formula.h"
#include "engine/grammar/regular_set.h"

namespace hearth::json_schema {

struct Machine {
  /// An item, a property, or a member with any key of a set.
  struct Member {
    std::string name;                // of a property
    std::optional<RegularSet> keys;  // of a member that is none
    FormulaId value;
    bool operator==(const Member&) const = default;
  };
  struct Move {
    std::optional<size_t> member;  // none: nothing is written
    bool may_be_left_out = false;
    size_t to = 0;
  };
  struct State {
    bool started = false;  // whether a member stands before
    bool accepts = false;
    std::vector<Move> moves;
  };

  std::vector<Member> members;
  std::vector<State> states;  // the first is the beginning
  bool can_end = false;       // whether the beginning leads to a state that accepts

  size_t member(Member member);
  /// Drops moves to states from which no end is reached, and says whether there is an end.
  void drop_dead_ends();
};

inline constexpr size_t kMostMachineStates = 5000;

/// Gives numbers to states that a `Key` describes, in the order in which they are met.
template <typename Key>
class MachineKeys {
 public:
  size_t number(const Key& key) {
    const auto [entry, is_new] = numbers_.try_emplace(key, numbers_.size());
    if (is_new) waiting_.push_back(&entry->first);
    return entry->second;
  }
  /// The next that was met and not taken yet; null where there is none.
  const Key* take() {
    if (waiting_.empty()) return nullptr;
    const Key* key = waiting_.front();
    waiting_.pop_front();
    return key;
  }
  bool too_many() const { return numbers_.size() > kMostMachineStates; }

 private:
  std::map<Key, size_t> numbers_;
  std::deque<const Key*> waiting_;
};

/// What a member's value may be with regard to the counts it can change: for each way, the formula and the
/// counts that go up.
struct CountedWay {
  FormulaId value;
  std::vector<size_t> counted;
};

/// `counts` are the numbers of those that the member may change, `asked` the formulas by number.
std::vector<CountedWay> counted_ways(FormulaId value, const std::vector<size_t>& counts,
                                     const std::vector<FormulaId>& asked, Formulas& formulas);

/// How often each count was met, no further than needed; nothing where one is exceeded.
struct CountBounds {
  uint64_t least;
  std::optional<uint64_t> most;
};
std::optional<std::vector<uint64_t>> counted_up(const std::vector<uint64_t>& counts,
                                                const std::vector<size_t>& counted,
                                                const std::vector<CountBounds>& bounds);
bool enough(const std::vector<uint64_t>& counts, const std::vector<CountBounds>& bounds);

}  // namespace hearth::json_schema
