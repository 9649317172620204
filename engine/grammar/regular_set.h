// Sets of texts that a finite automaton can tell: what patterns, lengths and formats allow, put together.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/code_points.h"

namespace hearth {

/// The most states that a set may have, or that may be looked at on the way to it.
inline constexpr size_t kMostRegularStates = 20'000;

/// The most ranges of characters on the ways between them.
inline constexpr size_t kMostRegularArcs = 2'000'000;

/// A set of texts, each a sequence of code points. Copies share the automaton, which never changes: the
/// smallest deterministic one, its states in the order in which they are reached, so that two sets are equal
/// if and only if their states are.
class RegularSet {
 public:
  struct Arc {
    char32_t first;
    char32_t last;
    uint32_t to;
    bool operator==(const Arc&) const = default;
  };
  struct State {
    std::vector<Arc> arcs;  // ascending and disjoint; what none of them reads leads out of the set
    bool accepts = false;
    bool operator==(const State&) const = default;
  };

  RegularSet();  // no text
  /// What these states accept, from the first on. They need be neither few nor in order.
  explicit RegularSet(std::vector<State> states);

  static RegularSet all();
  static RegularSet any_of(std::span<const std::string> texts);
  /// The texts that do not contain `mark`, which is not empty.
  static RegularSet without(std::string_view mark);
  /// The texts of least to most characters; no `most`: no limit.
  static RegularSet of_length(uint64_t least, std::optional<uint64_t> most);

  std::span<const State> states() const { return *states_; }
  bool empty() const { return states_->size() == 1 && !states_->front().accepts; }
  bool has(std::string_view text) const;

  bool operator==(const RegularSet& other) const {
    return states_ == other.states_ || *states_ == *other.states_;
  }

  /// In characters. Of an empty set 0.
  size_t shortest() const;
  /// Empty where there is no longest.
  std::optional<size_t> longest() const;

 private:
  std::shared_ptr<const std::vector<State>> states_;
};

/// UNSUPPORTED where they need more than kMostRegularStates.
Result<RegularSet> operator|(const RegularSet& a, const RegularSet& b);
Result<RegularSet> operator&(const RegularSet& a, const RegularSet& b);
Result<RegularSet> operator-(const RegularSet& a, const RegularSet& b);

/// The error of a set that would be too large.
Error too_many_regular_states();

}  // namespace hearth
