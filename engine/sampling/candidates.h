// What is left to choose from, while samplers narrow it down one after the other.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "engine/text/tokenizer.h"

namespace hearth {

/// A token that may be chosen.
struct Candidate {
  float logit;
  TokenId token;
};

/// Higher logits come first, equal ones by id.
inline bool better(const Candidate& a, const Candidate& b) {
  return a.logit > b.logit || (a.logit == b.logit && a.token < b.token);
}

/// At first all tokens of a row of logits; a list of those that are left from when one is asked for. Its room
/// is used again for the next row.
///
/// Or at first the highest of a row, where no more of it was read. The others come behind these:
/// `lacks_some`, until those that are left are highest ones for certain. Until then no logit may be raised.
class Candidates {
 public:
  /// Logits are changed in place: NaN becomes minus infinity, which is never chosen.
  void start(std::span<float> logits);
  /// `highest` are above minus infinity; `are_all`: the row has no others above it.
  void start(std::span<const Candidate> highest, bool are_all);

  /// Whether some may be left that are in no list; they come behind those that are.
  bool lacks_some() const { return worst_known_.has_value(); }

  /// kNoToken where no logit is above minus infinity.
  TokenId likeliest() const;
  /// Those above minus infinity. They are sorted by token until a step sorts them otherwise, so that sums
  /// over them are the same however they came to be left. Whoever takes away the likeliest says
  /// `forget_highest`.
  std::vector<Candidate>& list();
  void forget_highest() { highest_.reset(); }
  /// Leaves the `count` highest, without a list of all.
  void keep_highest(size_t count);
  /// Leaves those for whose logit this holds, as it does for all that are higher than one for which it does.
  template <typename Holds>
  void keep_where(const Holds& holds);
  /// Sets the logit of each of `tokens`, which are sorted and differ, to change(logit, its index among them).
  /// Tokens that are not left are passed over.
  template <typename Change>
  void adjust(std::span<const TokenId> tokens, const Change& change);

  /// Of a row that was all there, whatever is left of it.
  size_t vocabulary_size() const { return logits_.size(); }
  /// What probabilities are in proportion to: exp((logit - the highest) / temperature). 1 for the highest
  /// itself, which may be infinite.
  double weight(float logit);
  /// The sum of all weights.
  double total_weight();

  /// Divides logits in all that is asked for from now on.
  double temperature = 1.0;

 private:
  float highest();
  void list_highest(size_t count);
  /// Takes off the list what can't be chosen, or is no longer before all that are in no list.
  void drop_fallen();

  std::span<float> logits_;
  bool is_listed_ = false;
  std::vector<Candidate> list_;
  std::optional<Candidate> worst_known_;  // before all that are in no list, where there may be such
  std::optional<float> highest_;          // the highest logit, where it is known
};

template <typename Change>
void Candidates::adjust(std::span<const TokenId> tokens, const Change& change) {
  highest_.reset();
  if (!is_listed_) {
    for (size_t index = 0; index < tokens.size(); ++index) {
      const auto token = static_cast<size_t>(tokens[index]);
      if (token < logits_.size()) logits_[token] = change(logits_[token], index);
    }
    return;
  }
  for (Candidate& candidate : list_) {
    const auto found = std::lower_bound(tokens.begin(), tokens.end(), candidate.token);
    if (found == tokens.end() || *found != candidate.token) continue;
    candidate.logit = change(candidate.logit, static_cast<size_t>(found - tokens.begin()));
  }
  drop_fallen();
}

template <typename Holds>
void Candidates::keep_where(const Holds& holds) {
  std::erase_if(list(), [&](const Candidate& candidate) { return !holds(candidate.logit); });
  if (worst_known_ && !holds(worst_known_->logit)) worst_known_.reset();
}

}  // namespace hearth
