#include "engine/grammar/regular_set_minimal.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <utility>

namespace hearth {
namespace {

using State = RegularSet::State;
using Arc = RegularSet::Arc;

constexpr uint32_t kNowhere = UINT32_MAX;

/// For each state the states with an arc to it.
std::vector<std::vector<uint32_t>> predecessors(const std::vector<State>& states) {
  std::vector<std::vector<uint32_t>> from(states.size());
  for (uint32_t state = 0; state < states.size(); ++state) {
    for (const Arc& arc : states[state].arcs) {
      if (from[arc.to].empty() || from[arc.to].back() != state) from[arc.to].push_back(state);
    }
  }
  return from;
}

/// Drops arcs to states from which nothing is accepted, and joins arcs that touch.
void drop_dead_ends(std::vector<State>& states) {
  std::vector<bool> alive(states.size());
  std::vector<uint32_t> waiting;
  for (uint32_t state = 0; state < states.size(); ++state) {
    if (states[state].accepts) {
      alive[state] = true;
      waiting.push_back(state);
    }
  }
  const auto from = predecessors(states);
  while (!waiting.empty()) {
    const uint32_t state = waiting.back();
    waiting.pop_back();
    for (const uint32_t before : from[state]) {
      if (alive[before]) continue;
      alive[before] = true;
      waiting.push_back(before);
    }
  }
  for (State& state : states) {
    std::erase_if(state.arcs, [&](const Arc& arc) { return !alive[arc.to]; });
  }
}

/// Divides states into classes that accept the same: after Hopcroft, what has changed is looked at again, and
/// the largest part of a class that falls apart stays what it was.
class Classes {
 public:
  explicit Classes(const std::vector<State>& states)
      : states_(states), from_(predecessors(states)), class_of_(states.size()) {
    members_.resize(2);
    for (uint32_t state = 0; state < states.size(); ++state) {
      class_of_[state] = states[state].accepts ? 1 : 0;
      members_[class_of_[state]].push_back(state);
      changed_.push_back(state);
    }
    while (!changed_.empty()) refine();
  }

  const std::vector<uint32_t>& class_of() const { return class_of_; }

 private:
  using Signature = std::vector<Arc>;
  using Parts = std::map<Signature, std::vector<uint32_t>, bool (*)(const Signature&, const Signature&)>;

  static bool before(const Signature& a, const Signature& b) {
    return std::lexicographical_compare(
        a.begin(), a.end(), b.begin(), b.end(), [](const Arc& left, const Arc& right) {
          return std::tie(left.first, left.last, left.to) < std::tie(right.first, right.last, right.to);
        });
  }

  /// A state's arcs with classes for states, those that touch and lead to one class joined.
  Signature signature(uint32_t state) const {
    Signature arcs;
    for (const Arc& arc : states_[state].arcs) {
      const uint32_t to = class_of_[arc.to];
      if (!arcs.empty() && arcs.back().to == to && arcs.back().last + 1 == arc.first) {
        arcs.back().last = arc.last;
      } else {
        arcs.push_back({arc.first, arc.last, to});
      }
    }
    return arcs;
  }

  void refine() {
    std::map<uint32_t, std::vector<uint32_t>> looked_at;
    std::sort(changed_.begin(), changed_.end());
    changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
    for (const uint32_t state : changed_) looked_at[class_of_[state]].push_back(state);
    changed_.clear();
    std::vector<std::pair<uint32_t, uint32_t>> moves;  // of a state to a class
    for (const auto& [number, states] : looked_at) divide(number, states, moves);
    for (const auto& [state, number] : moves) class_of_[state] = number;
    for (const auto& [state, number] : moves) {
      changed_.insert(changed_.end(), from_[state].begin(), from_[state].end());
    }
  }

  /// `states` are those of the class that may have become unlike the others, which are all alike.
  void divide(uint32_t number, const std::vector<uint32_t>& states,
              std::vector<std::pair<uint32_t, uint32_t>>& moves) {
    Parts parts(before);
    for (const uint32_t state : states) parts[signature(state)].push_back(state);
    const std::vector<uint32_t>& all = members_[number];
    std::vector<uint32_t> others;
    std::set_difference(all.begin(), all.end(), states.begin(), states.end(), std::back_inserter(others));
    if (!others.empty()) {
      std::vector<uint32_t>& alike = parts[signature(others.front())];
      alike.insert(alike.end(), others.begin(), others.end());
      std::sort(alike.begin(), alike.end());
    }
    if (parts.size() == 1) return;
    auto largest = parts.begin();
    for (auto part = parts.begin(); part != parts.end(); ++part) {
      if (part->second.size() > largest->second.size()) largest = part;
    }
    members_[number] = largest->second;
    for (auto part = parts.begin(); part != parts.end(); ++part) {
      if (part == largest) continue;
      const auto fresh = static_cast<uint32_t>(members_.size());
      for (const uint32_t state : part->second) moves.emplace_back(state, fresh);
      members_.push_back(std::move(part->second));
    }
  }

  const std::vector<State>& states_;
  std::vector<std::vector<uint32_t>> from_;
  std::vector<uint32_t> class_of_;
  std::vector<std::vector<uint32_t>> members_;  // ascending
  std::vector<uint32_t> changed_;
};

}  // namespace

std::vector<State> minimal_states(std::vector<State> states) {
  drop_dead_ends(states);
  const Classes classes(states);
  const std::vector<uint32_t>& class_of = classes.class_of();

  std::vector<uint32_t> number(*std::max_element(class_of.begin(), class_of.end()) + size_t{1}, kNowhere);
  std::deque<uint32_t> reached = {0};
  number[class_of[0]] = 0;
  std::vector<State> smallest;
  for (uint32_t next = 1; !reached.empty(); reached.pop_front()) {
    const State& state = states[reached.front()];
    State copy;
    copy.accepts = state.accepts;
    for (const Arc& arc : state.arcs) {
      uint32_t& to = number[class_of[arc.to]];
      if (to == kNowhere) {
        to = next++;
        reached.push_back(arc.to);
      }
      std::vector<Arc>& arcs = copy.arcs;
      if (!arcs.empty() && arcs.back().to == to && arcs.back().last + 1 == arc.first) {
        arcs.back().last = arc.last;
      } else {
        arcs.push_back({arc.first, arc.last, to});
      }
    }
    smallest.push_back(std::move(copy));
  }
  return smallest;
}

}  // namespace hearth
