#include "engine/runtime/prompt_lookup.h"

#include <gtest/gtest.h>

#include "engine/runtime/speculation.h"

namespace hearth {
namespace {

using Tokens = std::vector<TokenId>;

TEST(PromptLookup, GivesWhatFollowedTheLastWordsBefore) {
  EXPECT_EQ(look_up(Tokens{1, 2, 3, 4, 5, 9, 2, 3}, 2), (Tokens{4, 5}));
  EXPECT_EQ(look_up(Tokens{1, 2, 3, 4, 5, 9, 2, 3}, 4), (Tokens{4, 5, 9, 2}));
}

TEST(PromptLookup, GivesNothingWhereTwoTokensDidNotStandTogether) {
  EXPECT_TRUE(look_up(Tokens{}, 4).empty());
  EXPECT_TRUE(look_up(Tokens{1}, 4).empty());
  EXPECT_TRUE(look_up(Tokens{1, 2}, 4).empty());
  EXPECT_TRUE(look_up(Tokens{1, 2, 3, 4, 3}, 4).empty());
}

TEST(PromptLookup, TakesThePlaceThatAgreesFurthestAndOfEqualOnesTheLast) {
  EXPECT_EQ(look_up(Tokens{7, 1, 2, 50, 8, 1, 2, 60, 7, 1, 2}, 1), Tokens{50});
  EXPECT_EQ(look_up(Tokens{7, 1, 2, 50, 8, 1, 2, 60, 9, 1, 2}, 1), Tokens{60});
}

TEST(PromptLookup, GoesOnInALoop) {
  EXPECT_EQ(look_up(Tokens{1, 2, 3, 1, 2, 3}, 7), (Tokens{1, 2, 3, 1, 2, 3, 1}));
  EXPECT_EQ(look_up(Tokens{4, 4, 4}, 3), (Tokens{4, 4, 4}));
}

TEST(DraftLength, GrowsWithSuccessAndRestsWithoutAny) {
  DraftLength length(16);
  EXPECT_EQ(length.next(), 4);
  length.learn(4, 4);
  EXPECT_EQ(length.next(), 8);
  length.learn(8, 8);
  length.learn(16, 16);
  EXPECT_EQ(length.next(), 16) << "the most";
  length.learn(16, 5);
  EXPECT_EQ(length.next(), 6);
  length.learn(6, 0);
  EXPECT_EQ(length.next(), 0);
  EXPECT_EQ(length.next(), 1);
  length.learn(1, 0);
  for (int step = 0; step < 3; ++step) EXPECT_EQ(length.next(), 0);
  EXPECT_EQ(length.next(), 1);
  length.learn(1, 1);
  EXPECT_EQ(length.next(), 2);
}

}  // namespace
}  // namespace hearth
