#include "engine/sampling/stop_matcher.h"

#include <gtest/gtest.h>

namespace hearth {
namespace {

TEST(StopMatcher, PassesTextThroughWhereNothingCanMatch) {
  StopMatcher matcher({"END"});
  EXPECT_EQ(matcher.push("Hello there"), "Hello there");
  EXPECT_FALSE(matcher.stopped());
  EXPECT_EQ(matcher.finish(), "");
}

TEST(StopMatcher, FindsAStopStringAcrossManyPieces) {
  StopMatcher matcher({"\nUser:"});
  EXPECT_EQ(matcher.push("Hi!\n"), "Hi!");
  EXPECT_EQ(matcher.push("Us"), "");
  EXPECT_EQ(matcher.push("er"), "");
  EXPECT_EQ(matcher.push(": more"), "");
  EXPECT_TRUE(matcher.stopped());
  EXPECT_EQ(matcher.push("later"), "");
  EXPECT_EQ(matcher.finish(), "");
}

TEST(StopMatcher, ReleasesWhatTurnsOutHarmless) {
  StopMatcher matcher({"\nUser:"});
  EXPECT_EQ(matcher.push("a\nUs"), "a");
  EXPECT_EQ(matcher.push("ually"), "\nUsually");
  EXPECT_EQ(matcher.push("\n"), "");
  EXPECT_EQ(matcher.finish(), "\n");
}

TEST(StopMatcher, KeepsTheLongestPossibleBeginning) {
  StopMatcher matcher({"aab"});
  EXPECT_EQ(matcher.push("aaa"), "a");  // "aa" may begin the stop string; "aaa" may not
  EXPECT_EQ(matcher.push("b"), "");
  EXPECT_TRUE(matcher.stopped());
}

TEST(StopMatcher, EndsAtTheStopStringThatBeginsFirst) {
  StopMatcher matcher({"two", "one"});
  EXPECT_EQ(matcher.push("zero one two"), "zero ");
  EXPECT_TRUE(matcher.stopped());
}

TEST(StopMatcher, TellsWhichStopStringEndedTheText) {
  StopMatcher matcher({"two", "one more", "one"});
  EXPECT_EQ(matcher.push("and"), "and");
  EXPECT_EQ(matcher.found(), "");
  matcher.push(" one more two");
  EXPECT_EQ(matcher.found(), "one");
}

TEST(StopMatcher, ShowsTheSameTextHoweverItIsCut) {
  const std::string text = "abcabcabdabcabe stop abcabcabdabcabf";
  for (size_t step = 1; step < 8; ++step) {
    StopMatcher matcher({"abcabf", "abdabcabf"});
    std::string shown;
    for (size_t at = 0; at < text.size(); at += step) shown += matcher.push(text.substr(at, step));
    EXPECT_TRUE(matcher.stopped());
    EXPECT_EQ(shown, "abcabcabdabcabe stop abcabc");
  }
}

}  // namespace
}  // namespace hearth
