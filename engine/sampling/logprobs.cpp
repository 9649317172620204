#include "engine/sampling/logprobs.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hearth {
namespace {

constexpr float kNoChance = -std::numeric_limits<float>::infinity();

float logit_or_none(float logit) { return std::isnan(logit) ? kNoChance : logit; }

bool likelier(const TokenLogprob& a, const TokenLogprob& b) {
  return a.logprob > b.logprob || (a.logprob == b.logprob && a.token < b.token);
}

/// What is to be taken from a logit for the logarithm of its probability.
struct LogOfSum {
  double highest;
  double sum;  // of exp(logit - highest); an infinite one counts one

  explicit LogOfSum(std::span<const float> logits) : highest(static_cast<double>(kNoChance)), sum(0.0) {
    for (const float logit : logits) {
      highest = std::max(highest, static_cast<double>(logit_or_none(logit)));
    }
    for (const float logit : logits) sum += std::exp(below_highest(logit));
  }

  double below_highest(float logit) const {
    const auto value = static_cast<double>(logit_or_none(logit));
    return value == highest ? 0.0 : value - highest;
  }

  float logprob(float logit) const {
    return std::max(kLeastLogprob, static_cast<float>(below_highest(logit) - std::log(sum)));
  }
};

/// The highest logits, each in place of a logprob.
std::vector<TokenLogprob> highest_logits(std::span<const float> logits, size_t count) {
  std::vector<TokenLogprob> top;
  if (count == 0) return top;
  for (size_t token = 0; token < logits.size(); ++token) {
    const TokenLogprob next{static_cast<TokenId>(token), logit_or_none(logits[token]), {}};
    if (next.logprob == kNoChance || (top.size() == count && !likelier(next, top.back()))) continue;
    if (top.size() == count) top.pop_back();
    top.insert(std::upper_bound(top.begin(), top.end(), next, likelier), next);
  }
  return top;
}

}  // namespace

ChosenLogprob logprob_of(TokenId chosen, std::span<const float> logits, int32_t top_count) {
  const LogOfSum log_of_sum(logits);
  ChosenLogprob result;
  result.token = chosen;
  result.logprob = log_of_sum.logprob(logits[static_cast<size_t>(chosen)]);
  result.top = highest_logits(logits, static_cast<size_t>(top_count));
  for (TokenLogprob& token : result.top) token.logprob = log_of_sum.logprob(token.logprob);
  return result;
}

ChosenLogprob logprob_of(TokenId chosen, std::span<const float> logits, int32_t top_count,
                         const Tokenizer& tokenizer) {
  ChosenLogprob result = logprob_of(chosen, logits, top_count);
  result.bytes = tokenizer.token_bytes(chosen, true);
  for (TokenLogprob& likely : result.top) likely.bytes = tokenizer.token_bytes(likely.token, true);
  return result;
}

}  // namespace hearth
