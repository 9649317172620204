#include "engine/grammar/regex_automaton.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <utility>

namespace hearth {
namespace {

constexpr size_t kMostNfaStates = 200'000;
constexpr size_t kMostNfaSteps = 4'000'000;  // looked at while sets of states are gathered

enum class Assertion : uint8_t { kNone, kStart, kEnd };

/// A state of the automaton after Thompson: it reads one character, or goes on without reading.
struct NfaState {
  const CodePoints* characters = nullptr;  // null: it reads none
  uint32_t next = 0;                       // behind the characters
  struct Jump {
    uint32_t to;
    Assertion where;
  };
  std::vector<Jump> jumps;
};

/// Refers to the characters of the node that it is made of.
class Nfa {
 public:
  Nfa(const RegexNode& node, RegexUse use) {
    start_ = add();
    uint32_t from = start_;
    if (use == RegexUse::kSomewhere) {
      read(start_, any_, start_);
      from = add();
      jump(start_, from, Assertion::kNone);
    }
    end_ = append(node, from);
    if (use == RegexUse::kSomewhere) {
      const uint32_t rest = add();
      jump(end_, rest, Assertion::kNone);
      read(rest, any_, rest);
      end_ = rest;
    }
  }

  bool too_large() const { return states_.size() > kMostNfaStates; }
  uint32_t start() const { return start_; }
  uint32_t end() const { return end_; }
  const NfaState& operator[](uint32_t state) const { return states_[state]; }
  size_t size() const { return states_.size(); }

 private:
  uint32_t add() {
    states_.emplace_back();
    return static_cast<uint32_t>(states_.size() - 1);
  }
  void jump(uint32_t from, uint32_t to, Assertion where) { states_[from].jumps.push_back({to, where}); }
  void read(uint32_t from, const CodePoints& characters, uint32_t to) {
    states_[from].characters = &characters;
    states_[from].next = to;
  }

  /// Adds what reads `node` from the state `from` on; gives the state behind it.
  uint32_t append(const RegexNode& node, uint32_t from) {
    if (too_large()) return from;
    switch (node.kind) {
      case RegexKind::kSequence:
        for (const RegexNode& part : node.parts) from = append(part, from);
        return from;
      case RegexKind::kChoice:
        return append_choice(node, from);
      case RegexKind::kRepeat:
        return append_repeat(node, from);
      case RegexKind::kCharacters: {
        const uint32_t reading = add();
        const uint32_t behind = add();
        jump(from, reading, Assertion::kNone);
        read(reading, node.characters, behind);
        return behind;
      }
      case RegexKind::kStart:
      case RegexKind::kEnd: {
        const uint32_t behind = add();
        jump(from, behind, node.kind == RegexKind::kStart ? Assertion::kStart : Assertion::kEnd);
        return behind;
      }
    }
    return from;
  }

  uint32_t append_choice(const RegexNode& node, uint32_t from) {
    const uint32_t behind = add();
    for (const RegexNode& part : node.parts) {
      const uint32_t begin = add();
      jump(from, begin, Assertion::kNone);
      jump(append(part, begin), behind, Assertion::kNone);
    }
    return behind;
  }

  uint32_t append_repeat(const RegexNode& node, uint32_t from) {
    const RegexNode& part = node.parts.front();
    for (uint32_t i = 0; i < node.least && !too_large(); ++i) from = append(part, from);
    const uint32_t behind = add();
    if (node.most == kNoMost) {
      const uint32_t again = add();
      jump(from, again, Assertion::kNone);
      jump(append(part, again), again, Assertion::kNone);
      jump(again, behind, Assertion::kNone);
      return behind;
    }
    for (uint32_t i = node.least; i < node.most && !too_large(); ++i) {
      jump(from, behind, Assertion::kNone);
      const uint32_t begin = add();
      jump(from, begin, Assertion::kNone);
      from = append(part, begin);
    }
    jump(from, behind, Assertion::kNone);
    return behind;
  }

  const CodePoints any_ = CodePoints::all();
  std::vector<NfaState> states_;
  uint32_t start_ = 0;
  uint32_t end_ = 0;
};

/// Follows all of the states that a text may be in at once.
class Determiniser {
 public:
  explicit Determiniser(const Nfa& nfa) : nfa_(nfa), seen_(nfa.size()) {}

  Result<RegularSet> run() {
    std::vector<RegularSet::State> states;
    number_of(closure({nfa_.start()}, true), true);
    for (; !waiting_.empty(); waiting_.pop_front()) {
      const auto [set, at_start] = *waiting_.front();
      RegularSet::State state;
      state.accepts = accepts(set, at_start);
      add_arcs(set, state);
      states.push_back(std::move(state));
      if (numbers_.size() > kMostRegularStates || steps_ > kMostNfaSteps) return too_many_regular_states();
    }
    return RegularSet(std::move(states));
  }

 private:
  /// The states that read, in order, and whether nothing was read before, where ^ holds.
  using Set = std::pair<std::vector<uint32_t>, bool>;

  uint32_t number_of(std::vector<uint32_t> set, bool at_start) {
    const auto [entry, is_new] = numbers_.try_emplace({std::move(set), at_start}, numbers_.size());
    if (is_new) waiting_.push_back(&entry->first);
    return entry->second;
  }

  /// All that is reached from these without reading, where `$` does not hold, since something follows.
  std::vector<uint32_t> closure(std::vector<uint32_t> states, bool at_start, bool at_end = false) {
    ++round_;
    for (const uint32_t state : states) seen_[state] = round_;
    for (size_t i = 0; i < states.size(); ++i) {
      for (const NfaState::Jump& jump : nfa_[states[i]].jumps) {
        ++steps_;
        if (seen_[jump.to] == round_ || (jump.where == Assertion::kStart && !at_start) ||
            (jump.where == Assertion::kEnd && !at_end)) {
          continue;
        }
        seen_[jump.to] = round_;
        states.push_back(jump.to);
      }
    }
    std::sort(states.begin(), states.end());
    return states;
  }

  bool accepts(const std::vector<uint32_t>& set, bool at_start) {
    const std::vector<uint32_t> at_end = closure(set, at_start, true);
    return std::binary_search(at_end.begin(), at_end.end(), nfa_.end());
  }

  void add_arcs(const std::vector<uint32_t>& set, RegularSet::State& state) {
    // Where ranges begin and end, which are open then.
    std::map<char32_t, std::pair<std::vector<uint32_t>, std::vector<uint32_t>>> bounds;
    for (const uint32_t from : set) {
      if (nfa_[from].characters == nullptr) continue;
      steps_ += nfa_[from].characters->ranges().size();
      for (const CodePointRange& range : nfa_[from].characters->ranges()) {
        bounds[range.first].first.push_back(nfa_[from].next);
        bounds[range.last + 1].second.push_back(nfa_[from].next);
      }
    }
    std::map<uint32_t, uint32_t> open;  // states that the next character leads to, and how many lead there
    for (auto bound = bounds.begin(); bound != bounds.end(); ++bound) {
      for (const uint32_t to : bound->second.first) ++open[to];
      for (const uint32_t to : bound->second.second) {
        if (--open[to] == 0) open.erase(to);
      }
      steps_ += open.size();
      if (open.empty()) continue;
      std::vector<uint32_t> targets;
      targets.reserve(open.size());
      for (const auto& [to, count] : open) targets.push_back(to);
      state.arcs.push_back(
          {bound->first, std::next(bound)->first - 1, number_of(closure(std::move(targets), false), false)});
    }
  }

  const Nfa& nfa_;
  std::vector<uint32_t> seen_;
  uint32_t round_ = 0;
  size_t steps_ = 0;
  std::map<Set, uint32_t> numbers_;
  std::deque<const Set*> waiting_;
};

}  // namespace

Result<RegularSet> regular_set_of(const RegexNode& node, RegexUse use) {
  const Nfa nfa(node, use);
  if (nfa.too_large()) return too_many_regular_states();
  return Determiniser(nfa).run();
}

}  // namespace hearth
