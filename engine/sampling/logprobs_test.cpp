#include "engine/sampling/logprobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hearth {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

std::vector<TokenId> tokens_of(const std::vector<TokenLogprob>& tokens) {
  std::vector<TokenId> ids;
  ids.reserve(tokens.size());
  for (const TokenLogprob& token : tokens) ids.push_back(token.token);
  return ids;
}

TEST(Logprobs, AreLogarithmsOfTheSoftmax) {
  const std::vector<float> logits = {std::log(3.0F) + 50, std::log(1.0F) + 50, std::log(6.0F) + 50};
  const ChosenLogprob chosen = logprob_of(1, logits, 2);
  EXPECT_EQ(chosen.token, 1);
  EXPECT_NEAR(chosen.logprob, std::log(0.1), 1e-5);
  EXPECT_THAT(tokens_of(chosen.top), ::testing::ElementsAre(2, 0));
  EXPECT_NEAR(chosen.top[0].logprob, std::log(0.6), 1e-5);
  EXPECT_NEAR(chosen.top[1].logprob, std::log(0.3), 1e-5);
}

TEST(Logprobs, SumToOneOverTheVocabulary) {
  std::vector<float> logits(2000);
  for (size_t i = 0; i < logits.size(); ++i) logits[i] = 8.0F * std::sin(static_cast<float>(i * i));
  double sum = 0.0;
  for (TokenId token = 0; token < 2000; ++token) {
    sum += std::exp(static_cast<double>(logprob_of(token, logits, 0).logprob));
  }
  EXPECT_NEAR(sum, 1.0, 1e-5);
}

TEST(Logprobs, OfEqualTokensComeByIdAndNoMoreThanThereAre) {
  EXPECT_THAT(tokens_of(logprob_of(0, std::vector<float>{1, 2, 1, 2, 1}, 3).top),
              ::testing::ElementsAre(1, 3, 0));
  EXPECT_THAT(tokens_of(logprob_of(0, std::vector<float>{1, 2}, 20).top), ::testing::ElementsAre(1, 0));
  EXPECT_TRUE(logprob_of(0, std::vector<float>{1, 2}, 0).top.empty());
}

TEST(Logprobs, OfWhatIsNoNumberAreTheLeast) {
  const ChosenLogprob chosen = logprob_of(0, std::vector<float>{std::nanf(""), 1, -kInf}, 3);
  EXPECT_EQ(chosen.logprob, kLeastLogprob);
  EXPECT_THAT(tokens_of(chosen.top), ::testing::ElementsAre(1));
  EXPECT_EQ(logprob_of(1, std::vector<float>{0, kInf, 5}, 1).logprob, 0.0F);
  EXPECT_EQ(logprob_of(0, std::vector<float>{0, kInf, 5}, 1).logprob, kLeastLogprob);
}

}  // namespace
}  // namespace hearth
