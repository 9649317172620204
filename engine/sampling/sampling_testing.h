// Distributions for the tests of samplers. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/sampling/candidates.h"

namespace hearth::testing {

/// A row whose softmax is this.
inline std::vector<float> logits_of(const std::vector<double>& probabilities) {
  std::vector<float> logits;
  logits.reserve(probabilities.size());
  for (const double probability : probabilities) logits.push_back(static_cast<float>(std::log(probability)));
  return logits;
}

inline std::vector<float> random_logits(uint64_t seed, size_t count, double spread) {
  RandomStream random(seed);
  std::vector<float> logits(count);
  for (float& logit : logits)
    logit = static_cast<float>(spread * (random.uniform() + random.uniform() - 1.0));
  return logits;
}

/// How likely each token is that is left.
using Distribution = std::map<TokenId, double>;

inline Distribution distribution_of(Candidates& left) {
  Distribution distribution;
  const double total = left.total_weight();
  for (const Candidate& each : left.list()) distribution[each.token] = left.weight(each.logit) / total;
  return distribution;
}

/// What `step` makes of a row.
template <typename Step>
Distribution after(std::vector<float> logits, const Step& step) {
  Candidates left;
  left.start(logits);
  step(left);
  return distribution_of(left);
}

/// The plain softmax of a row, by the definition.
inline std::vector<double> softmax(const std::vector<float>& logits) {
  double sum = 0.0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
  std::vector<double> probabilities;
  probabilities.reserve(logits.size());
  for (const float logit : logits) probabilities.push_back(std::exp(static_cast<double>(logit)) / sum);
  return probabilities;
}

/// The tokens of `kept` alone, with their probabilities in proportion.
inline Distribution only(const std::vector<double>& probabilities, const std::vector<size_t>& kept) {
  double sum = 0.0;
  for (const size_t token : kept) sum += probabilities[token];
  Distribution distribution;
  for (const size_t token : kept) distribution[static_cast<TokenId>(token)] = probabilities[token] / sum;
  return distribution;
}

inline void expect_near(const Distribution& actual, const Distribution& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (const auto& [token, probability] : expected) {
    ASSERT_TRUE(actual.contains(token)) << token;
    EXPECT_NEAR(actual.at(token), probability, 1e-5) << token;
  }
}

/// Tokens by `rank`, the lowest first and equal ones by id.
template <typename Rank>
std::vector<size_t> tokens_by(size_t count, const Rank& rank) {
  std::vector<std::pair<double, size_t>> ranked;
  for (size_t token = 0; token < count; ++token) ranked.emplace_back(rank(token), token);
  std::sort(ranked.begin(), ranked.end());
  std::vector<size_t> tokens;
  tokens.reserve(count);
  for (const auto& [value, token] : ranked) tokens.push_back(token);
  return tokens;
}

}  // namespace hearth::testing
