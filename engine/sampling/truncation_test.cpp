#include "engine/sampling/truncation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "engine/sampling/sampling_testing.h"

namespace hearth {
namespace {

using testing::after;
using testing::Distribution;
using testing::expect_near;
using testing::logits_of;
using testing::only;
using testing::random_logits;
using testing::softmax;
using testing::tokens_by;

// Distributions that llama.cpp's own tests of its samplers expect.
const std::vector<double> kRising = {0.1, 0.2, 0.3, 0.4};

TEST(TopNSigma, KeepsLogitsNearTheHighest) {
  const auto with = [](float n) {
    return after(logits_of(kRising), [n](Candidates& left) { keep_top_n_sigma(left, n); });
  };
  expect_near(with(1.0F), {{2, 0.428571}, {3, 0.571429}});
  expect_near(with(3.0F), {{0, 0.1}, {1, 0.2}, {2, 0.3}, {3, 0.4}});
  EXPECT_EQ(with(1e-6F).size(), 1U);
}

TEST(TopNSigma, AgreesWithItsDefinitionOnRandomLogits) {
  const std::vector<float> logits = random_logits(1, 500, 9);
  const double mean = std::accumulate(logits.begin(), logits.end(), 0.0) / 500;
  double variance = 0.0;
  for (const float logit : logits) variance += (logit - mean) * (logit - mean) / 500;
  const float highest = *std::max_element(logits.begin(), logits.end());
  std::vector<size_t> kept;
  for (size_t token = 0; token < logits.size(); ++token) {
    if (logits[token] >= highest - 1.5 * std::sqrt(variance)) kept.push_back(token);
  }
  EXPECT_GT(kept.size(), 10U);
  expect_near(after(logits, [](Candidates& left) { keep_top_n_sigma(left, 1.5F); }),
              only(softmax(logits), kept));
}

TEST(TopNSigma, OfAnInfiniteLogitIsThat) {
  const float infinity = std::numeric_limits<float>::infinity();
  const Distribution kept = after({1, infinity, 2}, [](Candidates& left) { keep_top_n_sigma(left, 1.0F); });
  EXPECT_THAT(kept, ::testing::ElementsAre(::testing::Key(1)));
}

TEST(Typical, KeepsWhatIsAsSurprisingAsTheEntropy) {
  const auto with = [](const std::vector<double>& probabilities) {
    return after(logits_of(probabilities), [](Candidates& left) { keep_typical(left, 0.5F); });
  };
  expect_near(with({0.97, 0.01, 0.01, 0.01}), {{0, 1.0}});
  expect_near(with({0.4, 0.2, 0.2, 0.2}), {{1, 1.0 / 3}, {2, 1.0 / 3}, {3, 1.0 / 3}});
}

TEST(Typical, AgreesWithItsDefinitionOnRandomLogits) {
  const std::vector<float> logits = random_logits(2, 300, 6);
  const std::vector<double> p = softmax(logits);
  double entropy = 0.0;
  for (const double each : p) entropy -= each * std::log(each);
  const auto ranked =
      tokens_by(p.size(), [&](size_t token) { return std::abs(-std::log(p[token]) - entropy); });
  std::vector<size_t> kept;
  for (double mass = 0.0; mass <= 0.7; mass += p[kept.back()]) kept.push_back(ranked[kept.size()]);
  expect_near(after(logits, [](Candidates& left) { keep_typical(left, 0.7F); }), only(p, kept));
}

TEST(TopP, KeepsTheFewestThatReachP) {
  const auto with = [](float p) {
    return after(logits_of(kRising), [p](Candidates& left) { keep_top_p(left, p); });
  };
  expect_near(with(0.0F), {{3, 1.0}});
  expect_near(with(0.69F), {{2, 0.428571}, {3, 0.571429}});
  expect_near(with(0.8F), {{1, 0.222222}, {2, 0.333333}, {3, 0.444444}});
}

TEST(TopP, AgreesWithItsDefinitionOnRandomLogitsUnderATemperature) {
  const std::vector<float> logits = random_logits(3, 1000, 8);
  std::vector<float> halves = logits;
  for (float& logit : halves) logit /= 2;
  const std::vector<double> p = softmax(halves);
  const auto ranked = tokens_by(p.size(), [&](size_t token) { return -p[token]; });
  std::vector<size_t> kept;
  for (double mass = 0.0; mass < 0.9; mass += p[kept.back()]) kept.push_back(ranked[kept.size()]);
  expect_near(after(logits,
                    [](Candidates& left) {
                      left.temperature = 2.0;
                      keep_top_p(left, 0.9F);
                    }),
              only(p, kept));
}

TEST(MinP, KeepsWhatIsHalfAsLikelyAsTheLikeliest) {
  const auto with = [](float min_p) {
    return after(logits_of(kRising), [min_p](Candidates& left) { keep_min_p(left, min_p); });
  };
  expect_near(with(0.24F), {{0, 0.1}, {1, 0.2}, {2, 0.3}, {3, 0.4}});
  expect_near(with(0.26F), {{1, 0.2 / 0.9}, {2, 0.3 / 0.9}, {3, 0.4 / 0.9}});
  expect_near(with(0.74F), {{2, 0.3 / 0.7}, {3, 0.4 / 0.7}});
  expect_near(with(1.0F), {{3, 1.0}});
}

TEST(Xtc, ExcludesAllButTheLeastOfTheTopChoices) {
  const auto with = [](float probability, float threshold) {
    RandomStream random(1);
    return after(logits_of({0.4, 0.3, 0.2, 0.1}),
                 [&](Candidates& left) { exclude_top_choices(left, probability, threshold, random); });
  };
  expect_near(with(1.0F, 0.09F), {{3, 1.0}});
  expect_near(with(1.0F, 0.19F), {{2, 2.0 / 3}, {3, 1.0 / 3}});
  expect_near(with(1.0F, 0.29F), {{1, 0.5}, {2, 1.0 / 3}, {3, 1.0 / 6}});
  expect_near(with(1.0F, 0.39F), {{0, 0.4}, {1, 0.3}, {2, 0.2}, {3, 0.1}});
}

TEST(Xtc, HappensAsOftenAsItShall) {
  RandomStream random(5);
  int excluded = 0;
  for (int i = 0; i < 4000; ++i) {
    const Distribution kept =
        after(logits_of(kRising), [&](Candidates& left) { exclude_top_choices(left, 0.25F, 0.15F, random); });
    excluded += kept.contains(3) ? 0 : 1;
  }
  EXPECT_NEAR(excluded, 1000, 110);
}

}  // namespace
}  // namespace hearth
