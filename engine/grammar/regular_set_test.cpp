#include "engine/grammar/regular_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/grammar/regex.h"

namespace hearth {
namespace {

RegularSet set(std::string_view pattern) { return regular_set_of(pattern, RegexUse::kWhole).value(); }

TEST(RegularSet, IsEqualIfItsTextsAre) {
  EXPECT_EQ(set("(a|b)*"), set("(a*b*)*"));
  EXPECT_EQ(set("a{2,4}"), set("aa|aaa|aaaa"));
  EXPECT_FALSE(set("a*") == set("a+"));
  EXPECT_EQ(RegularSet::any_of(std::vector<std::string>{"car", "cat", "bat"}), set("bat|ca[rt]"));
  EXPECT_EQ(set("a[]"), RegularSet());
}

TEST(RegularSet, IsAsSmallAsCanBe) {
  EXPECT_EQ(set("(foo|bar|zoo)x{0,50}").states().size(), 56);
  EXPECT_EQ(RegularSet::all().states().size(), 1);
}

TEST(RegularSet, IsPutTogether) {
  EXPECT_EQ((set("a+|b") & set("a|c|b")).value(), set("a|b"));
  EXPECT_EQ((set("[a-z]+") - set("foo")).value().has("foo"), false);
  EXPECT_EQ((set("[a-z]+") - set("foo")).value().has("fo"), true);
  EXPECT_EQ((set("a*") | set("b*")).value(), set("a*|b*"));
  EXPECT_EQ((RegularSet::all() - (RegularSet::all() - set("x(y|z)*")).value()).value(), set("x(y|z)*"));
}

TEST(RegularSet, CountsCharactersNotBytes) {
  const RegularSet two = RegularSet::of_length(2, 2);
  EXPECT_TRUE(two.has("\u00e9\U0001F600"));
  EXPECT_FALSE(two.has("a"));
  EXPECT_TRUE(RegularSet::of_length(1, std::nullopt).has("abc"));
}

TEST(RegularSet, KnowsItsLengths) {
  EXPECT_EQ(set("ab|abcd?").shortest(), 2);
  EXPECT_EQ(set("ab|abcd?").longest(), 4);
  EXPECT_EQ(set("ab*").longest(), std::nullopt);
  EXPECT_EQ(set("").longest(), 0);
}

TEST(RegularSet, SaysThatItWouldBeTooLarge) {
  const Result<RegularSet> both = set("a{150}b*") & set("(a{200})*b*");
  EXPECT_TRUE(both.ok());
  const Result<RegularSet> large = (set("(a{199})*") & set("(a{197})*"));
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace hearth
