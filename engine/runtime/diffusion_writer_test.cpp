// Models that write by diffusion write what plain loops over their logits do.
#include "engine/runtime/diffusion_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/runtime/diffusion_testing.h"

namespace hearth {
namespace {

using testing::asked_for;
using testing::collect;
using testing::expect_value;
using testing::load_synthetic;
using testing::small;
using testing::some_prompt;
using testing::TokenList;
using testing::write;

/// What the published code does: LLaDA's generate.py and Dream's, of which the one has blocks and the other
/// another row.
struct PlainWriter {
  Scheduler& scheduler;
  const Model& model;
  Reveal reveal;

  std::vector<std::vector<double>> probabilities(const TokenList& tokens) const {
    std::vector<std::vector<double>> rows;
    const auto mask = static_cast<size_t>(model.tokenizer().special().mask);
    EXPECT_TRUE(scheduler
                    .logits(tokens, 0,
                            [&](size_t /*position*/, std::span<const float> logits) {
                              std::vector<double>& row = rows.emplace_back(logits.begin(), logits.end());
                              double sum = 0.0;
                              for (double& value : row) sum += value = std::exp(value - 20.0);
                              sum -= std::exchange(row[mask], 0.0);
                              for (double& value : row) value /= sum;
                              return true;
                            })
                    .ok());
    return rows;
  }

  double certainty(std::vector<double> row) const {
    std::ranges::sort(row, std::ranges::greater());
    if (reveal == Reveal::kConfidence) return row[0];
    if (reveal == Reveal::kMargin) return row[0] - row[1];
    double sum = 0.0;
    for (const double p : row) sum += p > 0.0 ? p * std::log(p) : 0.0;
    return sum;
  }

  TokenList write(const TokenList& prompt, size_t length, size_t block, size_t steps_per_block) const {
    const TokenId mask = model.tokenizer().special().mask;
    const size_t shift = model.spec().diffusion->shift_logits ? 1 : 0;
    TokenList tokens = prompt;
    tokens.resize(prompt.size() + length, mask);
    for (size_t first = prompt.size(); first < tokens.size(); first += block) {
      for (size_t step = 0; step < steps_per_block; ++step) {
        const auto rows = probabilities(tokens);
        size_t count = block / steps_per_block + (step < block % steps_per_block ? 1 : 0);
        for (; count > 0; --count) reveal_surest(tokens, first, first + block, rows, shift);
      }
    }
    return {tokens.begin() + static_cast<ptrdiff_t>(prompt.size()), tokens.end()};
  }

  void reveal_surest(TokenList& tokens, size_t first, size_t end,
                     const std::vector<std::vector<double>>& rows, size_t shift) const {
    const TokenId mask = model.tokenizer().special().mask;
    size_t surest = end;
    double most = -1e300;
    for (size_t position = first; position < end; ++position) {
      const double value = certainty(rows[position - shift]);
      if (tokens[position] != mask || value <= most) continue;
      most = value;
      surest = position;
    }
    const std::vector<double>& row = rows[surest - shift];
    tokens[surest] = static_cast<TokenId>(std::ranges::max_element(row) - row.begin());
  }
};

class EveryDiffusionModel : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryDiffusionModel, WritesWhatPlainLoopsWrite) {
  const auto model = load_synthetic(GetParam());
  const auto scheduler = expect_value(Scheduler::create(*model, small()));
  const TokenList prompt = some_prompt(9);
  GenerationRequest request = asked_for(prompt, 24);
  request.diffusion_block_length = 8;
  request.diffusion_steps = 15;  // 5 of each block
  const std::pair<const char*, Reveal> algorithms[] = {
      {"confidence", Reveal::kConfidence}, {"entropy", Reveal::kEntropy}, {"margin", Reveal::kMargin}};
  for (const auto& [name, reveal] : algorithms) {
    request.diffusion_algorithm = name;
    EXPECT_EQ(write(*scheduler, request).tokens,
              (PlainWriter{*scheduler, *model, reveal}.write(prompt, 24, 8, 5)))
        << name;
  }
}

TEST_P(EveryDiffusionModel, WritesAsItWasPublishedWhereNothingElseIsAsked) {
  const auto model = load_synthetic(GetParam());
  const auto scheduler = expect_value(Scheduler::create(*model, small()));
  const TokenList prompt = some_prompt(5);
  const bool is_llada = std::string(GetParam()).find("llada") != std::string::npos;
  const PlainWriter plain{*scheduler, *model, is_llada ? Reveal::kConfidence : Reveal::kEntropy};
  // LLaDA's blocks are of 32 tokens, so that 20 are the beginning of a whole one.
  TokenList wanted = is_llada ? plain.write(prompt, 32, 32, 32) : plain.write(prompt, 20, 20, 20);
  wanted.resize(20);
  EXPECT_EQ(write(*scheduler, asked_for(prompt, 20)).tokens, wanted);
  EXPECT_EQ(model->recommended_options().top_k, 0);
  EXPECT_LT(model->recommended_options().temperature, 0.3F);
}

TEST_P(EveryDiffusionModel, OnADeviceThatAnswersLateWritesWhatPlainLoopsWrite) {
  const auto model = load_synthetic(GetParam(), "reference");
  const auto scheduler = expect_value(Scheduler::create(*model, small()));
  GenerationRequest request = asked_for(some_prompt(4), 4);
  request.diffusion_block_length = 4;
  request.diffusion_algorithm = "confidence";
  const auto generation = expect_value(scheduler->submit(request));
  while (scheduler->is_busy()) {
    scheduler->begin_step();
    while (!scheduler->step_ready()) {
    }
  }
  EXPECT_EQ(collect(*generation, 4).tokens,
            (PlainWriter{*scheduler, *model, Reveal::kConfidence}.write(request.prompt, 4, 4, 4)));
}

TEST_P(EveryDiffusionModel, TheSeedMakesTheTextWhateverElseIsGoingOn) {
  const auto model = load_synthetic(GetParam());
  const TokenList prompt = some_prompt(12);
  for (const char* algorithm : {"auto", "random"}) {
    GenerationRequest request = asked_for(prompt, 8, 1.5F);
    request.diffusion_algorithm = algorithm;
    request.diffusion_block_length = 8;
    const auto alone = expect_value(Scheduler::create(*model, small()));
    const TokenList wanted = write(*alone, request).tokens;
    EXPECT_EQ(write(*alone, request).tokens, wanted);

    const auto beside = expect_value(Scheduler::create(*model, small(256, 100)));
    const auto other = expect_value(beside->submit(asked_for(some_prompt(30, 7), 40)));
    for (int i = 0; i < 3; ++i) beside->step();
    const auto same = expect_value(beside->submit(request));
    while (!same->finished()) beside->step();
    EXPECT_FALSE(other->finished());
    EXPECT_EQ(collect(*same, prompt.size()).tokens, wanted);

    request.seed = 12;
    EXPECT_NE(write(*alone, request).tokens, wanted);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, EveryDiffusionModel,
                         ::testing::Values("tiny-llada", "tiny-llada-moe", "tiny-dream", "tiny-rnd1"),
                         [](const auto& name) {
                           std::string letters = name.param;
                           std::ranges::replace(letters, '-', '_');
                           return letters;
                         });

}  // namespace
}  // namespace hearth
