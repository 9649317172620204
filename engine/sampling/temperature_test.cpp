#include "engine/sampling/temperature.h"

#include <gtest/gtest.h>

#include "engine/sampling/sampling_testing.h"

namespace hearth {
namespace {

testing::Distribution with(const std::vector<float>& logits, float temperature, float range = 0,
                           float exponent = 1) {
  return testing::after(logits,
                        [&](Candidates& left) { apply_temperature(left, temperature, range, exponent); });
}

/// Of all tokens, at a temperature.
testing::Distribution expected(std::vector<float> logits, double temperature) {
  for (float& logit : logits) logit = static_cast<float>(logit / temperature);
  const std::vector<double> p = testing::softmax(logits);
  return testing::only(p, testing::tokens_by(p.size(), [](size_t) { return 0; }));
}

TEST(Temperature, DividesLogits) {
  const std::vector<float> logits = testing::random_logits(1, 50, 4);
  for (const float temperature : {0.3F, 1.0F, 2.5F}) {
    testing::expect_near(with(logits, temperature), expected(logits, temperature));
  }
}

TEST(Temperature, FollowsTheEntropyWithinItsRange) {
  const std::vector<float> logits = testing::random_logits(2, 50, 6);
  double entropy = 0.0;
  for (const double p : testing::softmax(logits)) entropy -= p * std::log(p);
  const double relative = entropy / std::log(50.0);
  testing::expect_near(with(logits, 1.0F, 0.5F, 1.0F), expected(logits, 0.5 + relative));
  testing::expect_near(with(logits, 1.0F, 0.5F, 2.0F), expected(logits, 0.5 + relative * relative));
  testing::expect_near(with(logits, 0.5F, 2.0F, 1.0F), expected(logits, 2.5 * relative));
}

TEST(Temperature, IsTheHighestWhereAllAreAsLikelyAndTheLeastWhereOneIsCertain) {
  Candidates left;
  std::vector<float> flat(8, 1.0F);
  left.start(flat);
  apply_temperature(left, 1.0F, 0.5F, 1.0F);
  EXPECT_NEAR(left.temperature, 1.5, 1e-9);
  std::vector<float> sure = {900, 0, 0, 0};
  left.start(sure);
  apply_temperature(left, 0.5F, 0.5F, 1.0F);
  EXPECT_EQ(left.temperature, 0.0);
  EXPECT_EQ(testing::distribution_of(left).at(0), 1.0) << "a temperature of 0 is sure of the likeliest";
}

}  // namespace
}  // namespace hearth
