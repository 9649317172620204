// What a sampler draws of the highest logits alone: the token that it draws of all of them, or none.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "engine/compute/highest.h"
#include "engine/sampling/sampler.h"
#include "engine/sampling/sampling_testing.h"

namespace hearth {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

struct HighestOfRow {
  std::vector<Candidate> candidates;
  bool are_all = false;
};

HighestOfRow highest_of(const std::vector<float>& logits) {
  HighestOfRow highest;
  for (size_t token = 0; token < logits.size(); ++token) {
    if (logits[token] > kNever) highest.candidates.push_back({logits[token], static_cast<TokenId>(token)});
  }
  std::ranges::sort(highest.candidates, better);
  highest.are_all = highest.candidates.size() < Highest::kCount;
  if (!highest.are_all) highest.candidates.resize(Highest::kCount);
  return highest;
}

/// Rows as models give them, and as they do not: flat and steep, with equal logits, with few that are left.
std::vector<std::vector<float>> some_rows() {
  std::vector<std::vector<float>> rows;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    std::vector<float> row = testing::random_logits(seed, 500, seed % 4 == 0 ? 1.0 : 12.0);
    if (seed % 3 == 0)
      std::ranges::transform(row, row.begin(), [](float logit) { return std::round(logit); });
    const size_t first_masked = seed % 5 == 0 ? 20 + seed : row.size();
    std::fill(row.begin() + static_cast<ptrdiff_t>(first_masked), row.end(), kNever);
    rows.push_back(std::move(row));
  }
  rows.emplace_back(500, 1.5F);
  rows.emplace_back(500, kNever);
  rows.push_back(testing::random_logits(7, 30, 5.0));
  rows.back()[3] = -kNever;
  return rows;
}

std::vector<TokenId> text_of(uint64_t seed) {
  RandomStream random(seed);
  std::vector<TokenId> tokens(300);
  for (TokenId& token : tokens) token = static_cast<TokenId>(random.next() % 30);
  return tokens;
}

/// How many of the rows the highest logits told the token of; each must be the same as of all logits.
int count_told(GenerationOptions options) {
  int told = 0;
  uint64_t seed = 0;
  for (const std::vector<float>& row : some_rows()) {
    options.seed = ++seed;
    const auto vocabulary = static_cast<int32_t>(row.size());
    Sampler of_all = Sampler::create(options, vocabulary).value();
    Sampler of_highest = Sampler::create(options, vocabulary).value();
    EXPECT_FALSE(of_highest.wants_all_logits());
    const std::vector<TokenId> so_far = text_of(seed);
    const HighestOfRow highest = highest_of(row);
    for (int draw = 0; draw < 20; ++draw) {
      std::vector<float> logits = row;
      const TokenId expected = of_all.sample(logits, so_far);
      const auto token = of_highest.sample_highest(highest.candidates, highest.are_all, so_far);
      if (token) {
        EXPECT_EQ(*token, expected) << "row " << seed << ", draw " << draw;
        ++told;
      } else {
        logits = row;  // it goes on as if it had not been asked
        EXPECT_EQ(of_highest.sample(logits, so_far), expected) << "row " << seed << ", draw " << draw;
      }
    }
  }
  return told;
}

constexpr int kAll = 43 * 20;

GenerationOptions greedy() {
  GenerationOptions options;
  options.temperature = 0.0F;
  return options;
}

TEST(SamplerOfHighest, TellsTheLikeliest) { EXPECT_EQ(count_told(greedy()), kAll); }

TEST(SamplerOfHighest, TellsWhatTheDefaultsDraw) { EXPECT_EQ(count_told({}), kAll); }

TEST(SamplerOfHighest, TellsWhatIsDrawnOfTheTopK) {
  for (const int32_t top_k : {1, 2, 63, 64}) {
    GenerationOptions options;
    options.top_k = top_k;
    options.top_p = 0.7F;
    options.temperature = 1.3F;
    options.xtc_probability = 0.5F;
    options.xtc_threshold = 0.1F;
    options.typical_p = 0.9F;
    options.dynatemp_range = 0.5F;
    EXPECT_EQ(count_told(options), kAll) << top_k;
  }
}

TEST(SamplerOfHighest, TellsWhatMinPLeavesWhereThatIsNotMany) {
  GenerationOptions options;
  options.top_k = 0;
  options.top_p = 1.0F;
  EXPECT_GT(count_told(options), kAll / 2);
  options.samplers = {"temperature", "minP", "topP", "topK"};
  options.top_p = 0.8F;
  EXPECT_GT(count_told(options), kAll / 2);
}

TEST(SamplerOfHighest, FollowsWhatLowersLogits) {
  for (GenerationOptions options : {greedy(), GenerationOptions{}}) {
    options.repetition_penalty = 1.3F;
    options.frequency_penalty = 0.4F;
    options.presence_penalty = 0.2F;
    options.dry_multiplier = 0.8F;
    options.logit_bias = {{4, kNever}, {2, -3.0F}, {9, -0.5F}, {2, -1.0F}};
    const int told = count_told(options);
    EXPECT_GT(told, kAll / 2);
    options.penalty_window = -1;
    EXPECT_GT(count_told(options), kAll / 2);
  }
}

TEST(SamplerOfHighest, SaysNothingWhereNoneOfThemMayBeChosen) {
  GenerationOptions of_min_p;
  of_min_p.top_k = 0;
  for (GenerationOptions options : {greedy(), GenerationOptions{}, of_min_p}) {
    options.samplers = {"topK", "minP", "temperature"};
    Sampler sampler = Sampler::create(options, 500).value();
    EXPECT_EQ(sampler.sample_highest({}, false, {}), std::nullopt);
    EXPECT_EQ(sampler.sample_highest({}, true, {}), kNoToken);
    options.logit_bias = {{7, kNever}};
    EXPECT_EQ(Sampler::create(options, 500).value().sample_highest({{{1.0F, 7}}}, false, {}), std::nullopt);
  }
}

TEST(SamplerOfHighest, IsOfNoUseWhereAllLogitsCount) {
  const auto wants_all = [](const auto& change, GenerationOptions options = {}) {
    change(options);
    return Sampler::create(options, 100).value().wants_all_logits();
  };
  using Options = GenerationOptions;
  EXPECT_TRUE(wants_all([](Options& options) { options.top_k = 0; }));
  EXPECT_TRUE(wants_all([](Options& options) { options.top_k = Highest::kCount + 1; }));
  EXPECT_TRUE(wants_all([](Options& options) { options.samplers = {"temperature"}; }));
  EXPECT_TRUE(wants_all([](Options& options) { options.samplers = {"topP", "topK"}; }));
  EXPECT_TRUE(wants_all([](Options& options) { options.top_n_sigma = 1.0F; }));
  EXPECT_TRUE(wants_all([](Options& options) { options.mirostat = 2; }));
  EXPECT_TRUE(wants_all([](Options& options) { options.repetition_penalty = 0.9F; }));
  EXPECT_TRUE(wants_all([](Options& options) { options.presence_penalty = -1.0F; }, greedy()));
  EXPECT_TRUE(wants_all([](Options& options) { options.logit_bias = {{1, 5.0F}}; }, greedy()));
  EXPECT_FALSE(wants_all([](Options& options) { options.mirostat = 2; }, greedy()));
  EXPECT_FALSE(wants_all([](Options& options) {
    options.presence_penalty = -1.0F;
    options.samplers = {"topK", "penalties"};
  }));
}

}  // namespace
}  // namespace hearth
