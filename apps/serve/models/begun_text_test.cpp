#include "apps/serve/models/begun_text.h"

#include <gtest/gtest.h>

namespace hearth::serve {
namespace {

TEST(BegunText, IsTakenFromTheAnswerHoweverItComes) {
  BegunText begun("2 + 2");
  EXPECT_EQ(begun.without("2 +", false), "");
  EXPECT_EQ(begun.without(" 2 =", false), " =");
  EXPECT_EQ(begun.without("2 + 2", true), "2 + 2");
}

TEST(BegunText, LeavesAnAnswerThatDoesNotTellIt) {
  BegunText begun("2 + 2 is easily told: it is");
  EXPECT_EQ(begun.without("2", false), "");
  EXPECT_EQ(begun.without(" 4.", false), "2 4.");
  BegunText ended("abc");
  EXPECT_EQ(ended.without("ab", true), "ab");
}

TEST(BegunText, IsToldWithoutTheSpaceBeforeIt) {
  BegunText begun("\n One");
  EXPECT_EQ(begun.without("One two", false), " two");
}

TEST(BegunText, OfNothingIsNothing) {
  BegunText begun("");
  EXPECT_EQ(begun.without("a", false), "a");
}

}  // namespace
}  // namespace hearth::serve
