#include "engine/sampling/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "engine/sampling/sampling_testing.h"

namespace hearth {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Options that change nothing but what a test sets.
GenerationOptions plain(float temperature = 1.0F) {
  GenerationOptions options;
  options.temperature = temperature;
  options.top_k = 0;
  options.top_p = 1.0F;
  options.min_p = 0.0F;
  options.seed = 7;
  return options;
}

Sampler make(const GenerationOptions& options, int32_t n_vocab) {
  auto sampler = Sampler::create(options, n_vocab);
  EXPECT_TRUE(sampler.ok()) << sampler.error().message;
  return std::move(sampler).value();
}

TokenId sample_once(const GenerationOptions& options, std::vector<float> logits,
                    const std::vector<TokenId>& so_far = {}) {
  return make(options, static_cast<int32_t>(logits.size())).sample(logits, so_far);
}

/// How often each token comes in `draws` draws.
std::map<TokenId, int> count_draws(const GenerationOptions& options, const std::vector<float>& logits,
                                   int draws = 4000) {
  Sampler sampler = make(options, static_cast<int32_t>(logits.size()));
  std::map<TokenId, int> counts;
  for (int draw = 0; draw < draws; ++draw) {
    std::vector<float> copy = logits;
    ++counts[sampler.sample(copy, {})];
  }
  return counts;
}

TEST(Sampler, GreedyTakesTheHighestLogitAndTheLowerIdOfEqualOnes) {
  EXPECT_EQ(sample_once(plain(0), {1, 3, 2}), 1);
  EXPECT_EQ(sample_once(plain(0), {1, 3, 3, 3}), 1);
}

TEST(Sampler, NanIsNeverChosen) {
  EXPECT_EQ(sample_once(plain(0), {kNan, 1, kNan}), 1);
  EXPECT_EQ(sample_once(plain(1), {kNan, 1, kNan}), 1);
  EXPECT_EQ(sample_once(plain(1), {kNan, -kInfinity}), kNoToken);
  EXPECT_EQ(sample_once(plain(0), {kNan, kNan}), kNoToken);
}

TEST(Sampler, AnInfiniteLogitIsCertain) {
  GenerationOptions options;
  options.seed = 1;
  EXPECT_EQ(sample_once(options, {0, kInfinity, 5}), 1);
}

TEST(Sampler, DrawsInProportionToTheSoftmax) {
  const auto counts = count_draws(plain(), {std::log(1.0F), std::log(2.0F), std::log(5.0F)}, 8000);
  EXPECT_NEAR(counts.at(0), 1000, 120);
  EXPECT_NEAR(counts.at(1), 2000, 160);
  EXPECT_NEAR(counts.at(2), 5000, 180);
}

TEST(Sampler, TemperatureSharpensOrFlattens) {
  // At T = 0.5 odds of 1:2 become 1:4.
  const auto counts = count_draws(plain(0.5F), {std::log(1.0F), std::log(2.0F)}, 5000);
  EXPECT_NEAR(counts.at(1), 4000, 120);
}

TEST(Sampler, TheSameSeedGivesTheSameDrawsOnEveryMachine) {
  // floor(100 u) for the first draws of SplitMix64 from seed 7, computed apart from this code.
  const std::vector<float> logits(100, 0.0F);
  Sampler sampler = make(plain(), 100);
  std::vector<TokenId> drawn;
  for (int draw = 0; draw < 6; ++draw) {
    std::vector<float> copy = logits;
    drawn.push_back(sampler.sample(copy, {}));
  }
  EXPECT_THAT(drawn, ::testing::ElementsAre(38, 1, 90, 58, 45, 24));
}

TEST(Sampler, DrawsItsOwnSeedWhereNoneIsGiven) {
  GenerationOptions options = plain();
  options.seed.reset();
  EXPECT_NE(make(options, 2).seed(), make(options, 2).seed());
}

TEST(Sampler, TopKKeepsTheKHighestAndLowerIdsOfEqualOnes) {
  GenerationOptions options = plain();
  options.top_k = 2;
  const auto counts = count_draws(options, {0, 1, 0.5F, 1, 1, -3});
  EXPECT_THAT(counts, ::testing::ElementsAre(::testing::Key(1), ::testing::Key(3)));
}

TEST(Sampler, TopPKeepsTheFewestThatReachP) {
  GenerationOptions options = plain();
  options.top_p = 0.75F;  // of 0.5, 0.3, 0.2: the first two
  const auto counts = count_draws(options, {std::log(0.3F), std::log(0.2F), std::log(0.5F)});
  EXPECT_THAT(counts, ::testing::ElementsAre(::testing::Key(0), ::testing::Key(2)));
  options.top_p = 0.0F;
  EXPECT_EQ(count_draws(options, {0, 2, 1}).size(), 1U);
}

TEST(Sampler, TopPSortsAsFarAsItMust) {
  // 1000 equal tokens: half of the mass is the 500 lowest ids, well past the first stretch that is sorted.
  GenerationOptions options = plain();
  options.top_p = 0.5F;
  const auto counts = count_draws(options, std::vector<float>(1000, 1.0F), 8000);
  EXPECT_EQ(counts.size(), 500U);
  EXPECT_EQ(counts.rbegin()->first, 499);
}

TEST(Sampler, MinPComparesWithTheLikeliest) {
  GenerationOptions options = plain();
  options.min_p = 0.3F;
  const auto counts = count_draws(options, {std::log(0.6F), std::log(0.2F), std::log(0.1F)});
  EXPECT_THAT(counts, ::testing::ElementsAre(::testing::Key(0), ::testing::Key(1)));
}

TEST(Sampler, TopPCountsTheMassThatMinPThenTakesAway) {
  // 0.5 alone is not 0.6 of all; without the tail that min-p removes it would be.
  GenerationOptions options = plain();
  options.top_p = 0.6F;
  options.min_p = 0.2F;
  const std::vector<float> logits = {std::log(0.5F),  std::log(0.2F),  std::log(0.09F),
                                     std::log(0.09F), std::log(0.06F), std::log(0.06F)};
  EXPECT_THAT(count_draws(options, logits), ::testing::ElementsAre(::testing::Key(0), ::testing::Key(1)));
}

TEST(Sampler, RepetitionPenaltyLowersSeenTokensOfEitherSign) {
  GenerationOptions options = plain(0);
  options.repetition_penalty = 2.0F;
  EXPECT_EQ(sample_once(options, {3, 2}, {0}), 1);
  EXPECT_EQ(sample_once(options, {-1, -1.5F}, {0}), 1);
}

TEST(Sampler, FrequencyPenaltyCountsAndPresencePenaltyDoesNot) {
  GenerationOptions options = plain(0);
  options.frequency_penalty = 1.0F;
  EXPECT_EQ(sample_once(options, {3, 1.5F}, {0}), 0);
  EXPECT_EQ(sample_once(options, {3, 1.5F}, {0, 0}), 1);
  options.frequency_penalty = 0.0F;
  options.presence_penalty = 1.0F;
  EXPECT_EQ(sample_once(options, {3, 1.5F}, {0, 0, 0}), 0);
  options.presence_penalty = 2.0F;
  EXPECT_EQ(sample_once(options, {3, 1.5F}, {0}), 1);
}

TEST(Sampler, PenaltiesLookBackOnlyAsFarAsTheWindow) {
  GenerationOptions options = plain(0);
  options.presence_penalty = 5.0F;
  options.penalty_window = 1;
  EXPECT_EQ(sample_once(options, {3, 2, 1}, {0, 2}), 0);
  options.penalty_window = 2;
  EXPECT_EQ(sample_once(options, {3, 2, 1}, {0, 2}), 1);
  options.penalty_window = -1;
  EXPECT_EQ(sample_once(options, {3, 2, 1}, {1, 0, 2}), 0);
  options.penalty_window = 0;
  EXPECT_EQ(sample_once(options, {3, 2, 1}, {0}), 0);
}

TEST(Sampler, LogitBiasRaisesLowersAndBans) {
  GenerationOptions options = plain(0);
  options.logit_bias = {{0, 5.0F}};
  EXPECT_EQ(sample_once(options, {1, 3}), 0);
  options.logit_bias = {{1, -kInfinity}};
  EXPECT_EQ(sample_once(options, {1, 3}), 0);
}

TEST(Sampler, RefusesBiasesWithoutMeaning) {
  const auto refused = [](auto change) {
    GenerationOptions options;
    change(options);
    const auto sampler = Sampler::create(options, 10);
    return !sampler.ok() && sampler.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](GenerationOptions& o) { o.logit_bias = {{10, 1.0F}}; }));
  EXPECT_TRUE(refused([](GenerationOptions& o) { o.logit_bias = {{-1, 1.0F}}; }));
  EXPECT_TRUE(refused([](GenerationOptions& o) { o.logit_bias = {{1, kNan}}; }));
  EXPECT_FALSE(refused([](GenerationOptions&) {}));
}

TEST(Sampler, KeepsToTheOrderOfItsSamplers) {
  // Of 0.5, 0.3, 0.2 the first has half of the mass until a temperature makes all alike.
  const std::vector<float> logits = {std::log(0.3F), std::log(0.2F), std::log(0.5F)};
  GenerationOptions options = plain(50);
  options.top_p = 0.45F;
  options.samplers = {"topP", "temperature"};
  EXPECT_EQ(count_draws(options, logits).size(), 1U);
  options.samplers = {"temperature", "topP"};
  EXPECT_EQ(count_draws(options, logits).size(), 2U);
  options.samplers = {"temperature"};
  EXPECT_EQ(count_draws(options, logits).size(), 3U);
  options.samplers = {};
  EXPECT_NEAR(count_draws(options, logits).at(2), 2000, 120) << "no sampler is the model's own distribution";
}

TEST(Sampler, PenalisesWhatOtherSamplersHaveLeft) {
  GenerationOptions options = plain();
  options.top_k = 2;
  options.presence_penalty = 100.0F;
  options.samplers = {"topK", "penalties"};
  std::vector<float> logits = {3, 2, 1, 0};
  Sampler sampler = make(options, 4);
  EXPECT_EQ(sampler.sample(logits, std::vector<TokenId>{0}), 1) << "2, which came next, is not left any more";
  options.samplers = {"penalties", "topK"};
  options.presence_penalty = 1000.0F;
  logits = {3, 2, -5000, -5000};
  EXPECT_EQ(make(options, 4).sample(logits, std::vector<TokenId>{0}), 1);
}

TEST(Sampler, TakesTheLikeliestAtATemperatureOfZeroWhateverElseItIsAsked) {
  GenerationOptions options = plain(0);
  options.xtc_probability = 1.0F;
  options.xtc_threshold = 0.01F;
  options.typical_p = 0.1F;
  options.mirostat = 2;
  options.samplers = {"xtc", "typicalP"};
  EXPECT_EQ(sample_once(options, {1, 3, 2.9F}), 1);
}

TEST(Sampler, GoesOnFromAnEarlierState) {
  for (const int32_t mirostat : {0, 1, 2}) {
    GenerationOptions options = plain();
    options.xtc_probability = 0.5F;
    options.mirostat = mirostat;
    const std::vector<float> logits = testing::random_logits(3, 300, 5);
    Sampler sampler = make(options, 300);
    const auto draw = [&] {
      std::vector<float> row = logits;
      return sampler.sample(row, {});
    };
    (void)draw();
    const SamplerState state = sampler.state();
    const std::vector<TokenId> first = {draw(), draw(), draw(), draw()};
    sampler.restore(state);
    EXPECT_EQ((std::vector<TokenId>{draw(), draw(), draw(), draw()}), first);
  }
}

/// The samplers that are on by default, as plainly as can be: probabilities of all tokens, in order.
TokenId plain_default(const GenerationOptions& options, const std::vector<float>& logits,
                      RandomStream& random) {
  std::vector<size_t> tokens =
      testing::tokens_by(logits.size(), [&](size_t token) { return -static_cast<double>(logits[token]); });
  tokens.resize(std::min(tokens.size(), static_cast<size_t>(options.top_k)));
  const auto weight = [&](size_t token, double temperature) {
    return std::exp((static_cast<double>(logits[token]) - static_cast<double>(logits[tokens[0]])) /
                    temperature);
  };
  double mass = 0.0;
  for (const size_t token : tokens) mass += weight(token, 1);
  std::vector<size_t> kept;
  double reached = 0.0;
  for (const size_t token : tokens) {
    if (reached >= mass * static_cast<double>(options.top_p)) break;
    reached += weight(token, 1);
    if (weight(token, 1) >= static_cast<double>(options.min_p)) kept.push_back(token);
  }
  std::sort(kept.begin(), kept.end());
  const auto temperature = static_cast<double>(options.temperature);
  double total = 0.0;
  for (const size_t token : kept) total += weight(token, temperature);
  const double target = random.uniform() * total;
  reached = 0.0;
  for (const size_t token : kept) {
    reached += weight(token, temperature);
    if (reached > target) return static_cast<TokenId>(token);
  }
  return kNoToken;
}

TEST(Sampler, DrawsByDefaultWhatPlainArithmeticDraws) {
  GenerationOptions options;
  options.seed = 12;
  Sampler sampler = make(options, 3000);
  RandomStream random(12);
  for (uint64_t row = 0; row < 300; ++row) {
    std::vector<float> logits = testing::random_logits(row, 3000, 3.0 + static_cast<double>(row % 20));
    const TokenId expected = plain_default(options, logits, random);
    EXPECT_EQ(sampler.sample(logits, {}), expected) << row;
  }
}

}  // namespace
}  // namespace hearth
