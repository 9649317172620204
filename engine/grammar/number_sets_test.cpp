#include "engine/grammar/number_sets.h"

#include <gtest/gtest.h>

namespace hearth {
namespace {

TEST(NumberSets, KeepsEachSetOnceHoweverItWasReached) {
  NumberSets sets;
  const NumberSetId some = sets.with(sets.with(NumberSets::kEmpty, 3), 130);
  EXPECT_EQ(sets.with(sets.with(NumberSets::kEmpty, 130), 3), some);
  EXPECT_EQ(sets.with(some, 3), some);
  EXPECT_TRUE(sets.has(some, 3));
  EXPECT_TRUE(sets.has(some, 130));
  EXPECT_FALSE(sets.has(some, 66));
  EXPECT_FALSE(sets.has(some, 1000));
  EXPECT_FALSE(sets.has(NumberSets::kEmpty, 3));
}

TEST(NumberSets, TakesSetsOfOthers) {
  NumberSets sets;
  const NumberSetId some = sets.with(sets.with(NumberSets::kEmpty, 3), 130);
  NumberSets others;
  const NumberSetId taken = others.add(sets.words(some));
  EXPECT_TRUE(others.has(taken, 130));
  EXPECT_EQ(others.add(sets.words(NumberSets::kEmpty)), NumberSets::kEmpty);
}

}  // namespace
}  // namespace hearth
