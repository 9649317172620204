#include "engine/runtime/canvas.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace hearth {
namespace {

constexpr TokenId kMask = 9;

CanvasPlan plan_of(int32_t length, int32_t block_length = 0, int32_t steps = 0,
                   Reveal reveal = Reveal::kConfidence) {
  return {.length = length, .block_length = block_length, .steps = steps, .reveal = reveal, .mask = kMask};
}

/// Logits whose softmax gives token 1 the more, the larger `sure` is.
std::vector<float> sure_of_one(float sure) { return {0.0F, sure, 0.0F, 0.0F}; }

/// Guesses token 1 for every mask, the surer the further back it stands, and reveals; returns how many masks
/// of the block there were.
size_t step(Canvas& canvas) {
  const std::vector<int32_t> masks = canvas.masks();
  for (const int32_t position : masks) canvas.guess(position, 1, sure_of_one(static_cast<float>(position)));
  canvas.reveal();
  return masks.size();
}

std::vector<size_t> masks_before_each_step(Canvas& canvas) {
  std::vector<size_t> masks;
  while (!canvas.is_done()) {
    masks.push_back(step(canvas));
    while (canvas.take()) {
    }
  }
  return masks;
}

std::vector<TokenId> taken(Canvas& canvas) {
  std::vector<TokenId> tokens;
  while (const auto token = canvas.take()) tokens.push_back(*token);
  return tokens;
}

TEST(Canvas, BeginsWithTheTextAndMasks) {
  Canvas canvas(plan_of(3), std::vector<TokenId>{4, 5}, 0);
  EXPECT_EQ(std::vector<TokenId>(canvas.tokens().begin(), canvas.tokens().end()),
            (std::vector<TokenId>{4, 5, kMask, kMask, kMask}));
  EXPECT_EQ(canvas.masks(), (std::vector<int32_t>{2, 3, 4}));
  EXPECT_EQ(canvas.take(), std::nullopt);
}

TEST(Canvas, RevealsOneTokenAStepUnlessAskedOtherwise) {
  Canvas canvas(plan_of(4), {}, 0);
  EXPECT_EQ(masks_before_each_step(canvas), (std::vector<size_t>{4, 3, 2, 1}));
}

TEST(Canvas, SharesMasksByStepsTheLargerSharesFirst) {
  Canvas canvas(plan_of(10, 0, 4), {}, 0);
  EXPECT_EQ(masks_before_each_step(canvas), (std::vector<size_t>{10, 7, 4, 2}));
}

TEST(Canvas, SharesStepsByBlocksTheLargerSharesFirst) {
  Canvas canvas(plan_of(12, 4, 5), {}, 0);  // 2, 2 and 1 steps
  EXPECT_EQ(masks_before_each_step(canvas), (std::vector<size_t>{4, 2, 4, 2, 4}));
}

TEST(Canvas, ABlockHasAStepAtLeastAndATokenIsRevealedInEach) {
  Canvas few(plan_of(6, 2, 1), {}, 0);
  EXPECT_EQ(masks_before_each_step(few), (std::vector<size_t>{2, 2, 2}));
  Canvas many(plan_of(3, 0, 1000), {}, 0);
  EXPECT_EQ(masks_before_each_step(many), (std::vector<size_t>{3, 2, 1}));
}

TEST(Canvas, TheLastBlockMayBeShorterAndABlockLongerThanAll) {
  Canvas canvas(plan_of(5, 2), {}, 0);
  EXPECT_EQ(masks_before_each_step(canvas), (std::vector<size_t>{2, 1, 2, 1, 1}));
  Canvas whole(plan_of(2, std::numeric_limits<int32_t>::max()), {}, 0);
  EXPECT_EQ(masks_before_each_step(whole), (std::vector<size_t>{2, 1}));
}

TEST(Canvas, WhatHasAMaskBeforeItIsNotFinal) {
  Canvas canvas(plan_of(3), {}, 0);
  step(canvas);  // the last is the surest
  EXPECT_EQ(canvas.tokens()[2], 1);
  EXPECT_TRUE(taken(canvas).empty());
  step(canvas);
  EXPECT_TRUE(taken(canvas).empty());
  step(canvas);
  EXPECT_EQ(taken(canvas), (std::vector<TokenId>{1, 1, 1}));
  EXPECT_TRUE(canvas.is_done());
}

TEST(Canvas, OfEqualGuessesTheFirstIsRevealed) {
  Canvas canvas(plan_of(3), {}, 0);
  for (const int32_t position : canvas.masks()) canvas.guess(position, 2, sure_of_one(1.0F));
  canvas.reveal();
  EXPECT_EQ(taken(canvas), (std::vector<TokenId>{2}));
}

/// The position that is revealed first of three, of which these are the logits, where each was guessed to be
/// its likeliest token but the second, guessed to be token 0.
int32_t first_by(Reveal reveal) {
  const std::vector<std::vector<float>> logits{
      {2.0F, 2.1F, -9.0F, -9.0F},  // between two: no margin
      {1.0F, 3.0F, 1.0F, 1.0F},    // sure, but of another token than was guessed
      {0.0F, 1.8F, -0.5F, -0.5F},
  };
  Canvas canvas(plan_of(3, 0, 0, reveal), {}, 7);
  const TokenId guessed[] = {1, 0, 1};
  for (size_t i = 0; i < 3; ++i) canvas.guess(static_cast<int32_t>(i), guessed[i], logits[i]);
  canvas.reveal();
  return static_cast<int32_t>(
      std::ranges::find_if(canvas.tokens(), [](TokenId token) { return token != kMask; }) -
      canvas.tokens().begin());
}

// By hand: probabilities of the guesses .525, .096, .732; entropies .692, .918, .867; margins .050, .615,
// .611.
TEST(Canvas, IsSureByProbabilityEntropyOrMargin) {
  EXPECT_EQ(first_by(Reveal::kConfidence), 2);
  EXPECT_EQ(first_by(Reveal::kEntropy), 0);
  EXPECT_EQ(first_by(Reveal::kMargin), 1);
}

TEST(Canvas, AtRandomGoesByTheSeed) {
  const auto first_with = [](uint64_t seed) {
    Canvas canvas(plan_of(64, 0, 0, Reveal::kRandom), {}, seed);
    step(canvas);
    return std::ranges::find(canvas.tokens(), 1) - canvas.tokens().begin();
  };
  EXPECT_EQ(first_with(3), first_with(3));
  EXPECT_NE(first_with(3), first_with(4));
}

TEST(Canvas, AStepThatIsDroppedChangesNothing) {
  const auto revealed = [](bool drops) {
    Canvas canvas(plan_of(64, 0, 0, Reveal::kRandom), {}, 3);
    step(canvas);
    if (drops) {
      canvas.guess(canvas.masks().front(), 1, std::vector<float>{0.0F, 1.0F, 0.0F});
      canvas.drop_guesses();
    }
    step(canvas);
    return std::vector<TokenId>(canvas.tokens().begin(), canvas.tokens().end());
  };
  EXPECT_EQ(revealed(true), revealed(false));
}

TEST(Canvas, LogitsThatAreNoNumbersOrWithoutEndAreSorted) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Reveal reveal : {Reveal::kConfidence, Reveal::kEntropy, Reveal::kMargin}) {
    Canvas canvas(plan_of(3, 0, 0, reveal), {}, 0);
    canvas.guess(0, 1, std::vector<float>{nan, 0.0F, 0.0F});
    canvas.guess(1, 1, std::vector<float>{-kInfinity, kInfinity, kInfinity});
    canvas.guess(2, 1, std::vector<float>{-kInfinity, kInfinity, nan});
    canvas.reveal();
    EXPECT_EQ(canvas.tokens()[2], 1);
  }
}

TEST(Canvas, GoesOnBehindWhatIsWritten) {
  Canvas canvas(plan_of(2), std::vector<TokenId>{4}, 0);
  masks_before_each_step(canvas);
  canvas.go_on(3);
  EXPECT_FALSE(canvas.is_done());
  EXPECT_EQ(canvas.masks(), (std::vector<int32_t>{3, 4, 5}));
  EXPECT_EQ(masks_before_each_step(canvas), (std::vector<size_t>{3, 2, 1}));
  EXPECT_EQ(std::vector<TokenId>(canvas.tokens().begin(), canvas.tokens().end()),
            (std::vector<TokenId>{4, 1, 1, 1, 1, 1}));
}

}  // namespace
}  // namespace hearth
