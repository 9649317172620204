#include "engine/sampling/mirostat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/sampling/sampler.h"
#include "engine/sampling/sampling_testing.h"

namespace hearth {
namespace {

testing::Distribution with(const std::vector<float>& logits, int32_t version, double mu) {
  return testing::after(logits, [&](Candidates& left) { keep_by_mirostat(left, version, mu); });
}

TEST(Mirostat, Version2LeavesWhatSurprisesLittle) {
  const std::vector<float> logits = testing::random_logits(1, 400, 7);
  const std::vector<double> p = testing::softmax(logits);
  for (const double mu : {6.0, 7.0, 9.0}) {
    std::vector<size_t> kept;
    for (size_t token = 0; token < p.size(); ++token) {
      if (-std::log2(p[token]) <= mu) kept.push_back(token);
    }
    ASSERT_GT(kept.size(), 0U);
    testing::expect_near(with(logits, 2, mu), testing::only(p, kept));
  }
  EXPECT_EQ(with(logits, 2, -100).size(), 1U) << "the likeliest stays";
}

/// k as the paper has it, from probabilities in order.
double estimate(const std::vector<double>& sorted, double mu, double vocabulary) {
  double products = 0.0;
  double squares = 0.0;
  for (size_t i = 0; i + 1 < std::min<size_t>(100, sorted.size()); ++i) {
    const double t = std::log((i + 2.0) / (i + 1.0));
    products += t * std::log(sorted[i] / sorted[i + 1]);
    squares += t * t;
  }
  const double s = products / squares;
  const double e = s - 1;
  return std::pow(e * std::pow(2.0, mu) / (1 - std::pow(vocabulary, -e)), 1 / s);
}

TEST(Mirostat, Version1LeavesAsManyAsZipfsLawSays) {
  const std::vector<float> logits = testing::random_logits(2, 800, 9);
  const std::vector<double> p = testing::softmax(logits);
  const auto ranked = testing::tokens_by(p.size(), [&](size_t token) { return -p[token]; });
  std::vector<double> sorted;
  sorted.reserve(p.size());
  for (const size_t token : ranked) sorted.push_back(p[token]);
  for (const double mu : {2.0, 5.0, 8.0}) {
    const auto count = static_cast<size_t>(std::clamp(estimate(sorted, mu, 800), 1.0, 800.0));
    const std::vector<size_t> kept(ranked.begin(), ranked.begin() + static_cast<ptrdiff_t>(count));
    testing::expect_near(with(logits, 1, mu), testing::only(p, kept));
  }
}

TEST(Mirostat, LeavesSomethingOfAnyRow) {
  for (const int32_t version : {1, 2}) {
    for (const double mu : {-1000.0, 0.0, 10.0, 1000.0}) {
      EXPECT_EQ(with({3}, version, mu).size(), 1U);
      EXPECT_GE(with({3, 3}, version, mu).size(), 1U);
      EXPECT_GE(with(std::vector<float>(300, 1.0F), version, mu).size(), 1U);
      EXPECT_GE(with({0, -2000, -4000}, version, mu).size(), 1U);
    }
  }
}

TEST(Mirostat, KeepsTheSurpriseNearItsAim) {
  for (const int32_t version : {1, 2}) {
    GenerationOptions options;
    options.mirostat = version;
    options.mirostat_tau = 4.0F;
    options.temperature = 1.0F;
    options.seed = 3;
    Sampler sampler = Sampler::create(options, 2000).value();
    const std::vector<float> logits = testing::random_logits(4, 2000, 8);
    double surprise = 0.0;
    constexpr int kDraws = 2000;
    for (int i = 0; i < kDraws; ++i) {
      std::vector<float> row = logits;
      const double mu = sampler.state().mirostat_limit;
      (void)sampler.sample(row, {});
      // mu' = mu - eta (surprise - tau)
      surprise += (mu - sampler.state().mirostat_limit) / 0.1 + 4.0;
    }
    EXPECT_NEAR(surprise / kDraws, 4.0, 0.1) << version;
  }
}

}  // namespace
}  // namespace hearth
