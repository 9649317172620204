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
class Candidates {
 public:
  /// Logits are changed in place: NaN becomes minus infinity, which is never chosen.
  void start(std::span<float> logits);

  /// kNoToken where no logit is above minus infinity.
  TokenId likeliest() const;
  /// Those above minus infinity, in any order. Whoever takes away the likeliest says `forget_highest`.
  std::vector<Candidate>& list();
  void forget_highest() { highest_.reset(); }
  /// Leaves the `count` highest, without a list of all.
  void keep_highest(size_t count);
  /// Sets the logit of each of `tokens`, which are sorted and differ, to change(logit, its index among them).
  /// Tokens that are not left are passed over.
  template <typename Change>
  void adjust(std::span<const TokenId> tokens, const Change& change);

  /// Of the row, whatever is left of it.
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

  std::span<float> logits_;
  bool is_listed_ = false;
  std::vector<Candidate> list_;
  std::optional<float> highest_;  // the highest logit, where it is known
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
}

}  // namespace hearth
