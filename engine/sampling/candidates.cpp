#include "engine/sampling/candidates.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hearth {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

}  // namespace

void Candidates::start(std::span<float> logits) {
  for (float& logit : logits) {
    if (std::isnan(logit)) logit = kNever;
  }
  logits_ = logits;
  is_listed_ = false;
  worst_known_.reset();
  highest_.reset();
  temperature = 1.0;
}

void Candidates::start(std::span<const Candidate> highest, bool are_all) {
  start({});
  is_listed_ = true;
  list_.assign(highest.begin(), highest.end());
  if (!are_all) {
    const auto worst = std::ranges::max_element(list_, better);
    worst_known_ = worst == list_.end() ? Candidate{-kNever, kNoToken} : *worst;
  }
  std::ranges::sort(list_, {}, &Candidate::token);
}

TokenId Candidates::likeliest() const {
  if (is_listed_) {
    const auto best = std::min_element(list_.begin(), list_.end(), better);
    return best == list_.end() || best->logit == kNever ? kNoToken : best->token;
  }
  const auto highest = std::max_element(logits_.begin(), logits_.end());
  if (highest == logits_.end() || *highest == kNever) return kNoToken;
  return static_cast<TokenId>(highest - logits_.begin());
}

std::vector<Candidate>& Candidates::list() {
  if (is_listed_) return list_;
  is_listed_ = true;
  list_.clear();
  for (size_t token = 0; token < logits_.size(); ++token) {
    if (logits_[token] != kNever) list_.push_back({logits_[token], static_cast<TokenId>(token)});
  }
  return list_;
}

void Candidates::keep_highest(size_t count) {
  if (!is_listed_) return list_highest(count);
  if (count <= list_.size()) worst_known_.reset();
  if (count >= list_.size()) return;
  std::nth_element(list_.begin(), list_.begin() + static_cast<ptrdiff_t>(count), list_.end(), better);
  list_.resize(count);
  std::ranges::sort(list_, {}, &Candidate::token);
}

void Candidates::list_highest(size_t count) {
  is_listed_ = true;
  list_.clear();
  // A heap of the best so far with the worst of them on top: most logits fall short of it at the first
  // comparison, so this costs little more than one pass over the vocabulary.
  for (size_t token = 0; token < logits_.size(); ++token) {
    const Candidate candidate{logits_[token], static_cast<TokenId>(token)};
    if (candidate.logit == kNever) continue;
    if (list_.size() < count) {
      list_.push_back(candidate);
      if (list_.size() == count) std::make_heap(list_.begin(), list_.end(), better);
    } else if (better(candidate, list_.front())) {
      std::pop_heap(list_.begin(), list_.end(), better);
      list_.back() = candidate;
      std::push_heap(list_.begin(), list_.end(), better);
    }
  }
  std::ranges::sort(list_, {}, &Candidate::token);
}

void Candidates::drop_fallen() {
  std::erase_if(list_, [&](const Candidate& candidate) {
    return candidate.logit == kNever || (worst_known_ && better(*worst_known_, candidate));
  });
}

float Candidates::highest() {
  if (!highest_ && is_listed_) {
    highest_ = kNever;
    for (const Candidate& candidate : list_) highest_ = std::max(*highest_, candidate.logit);
  } else if (!highest_) {
    highest_ = *std::max_element(logits_.begin(), logits_.end());
  }
  return *highest_;
}

double Candidates::weight(float logit) {
  if (logit == highest()) return 1.0;
  return std::exp((static_cast<double>(logit) - static_cast<double>(highest())) / temperature);
}

double Candidates::total_weight() {
  double total = 0.0;
  for (const Candidate& candidate : list()) total += weight(candidate.logit);
  return total;
}

}  // namespace hearth
