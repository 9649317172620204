#include "engine/grammar/regex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/grammar/text_match.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;

bool matches(std::string_view pattern, std::string_view text) {
  const Result<Grammar> grammar = read_regex(pattern);
  EXPECT_TRUE(grammar.ok()) << pattern << ": " << grammar.error().message;
  return grammar.ok() && match_text(*grammar, text)->verdict == TextVerdict::kAccepted;
}

bool is_found(std::string_view pattern, std::string_view text) {
  const Result<RegularSet> set = regular_set_of(pattern, RegexUse::kSomewhere);
  EXPECT_TRUE(set.ok()) << pattern << ": " << set.error().message;
  return set.ok() && set->has(text);
}

std::string refusal(std::string_view pattern) {
  const Result<Grammar> grammar = read_regex(pattern);
  EXPECT_FALSE(grammar.ok()) << pattern;
  return grammar.ok() ? "" : grammar.error().message;
}

TEST(Regex, IsTheWholeAnswer) {
  EXPECT_TRUE(matches("yes|no", "yes"));
  EXPECT_FALSE(matches("yes|no", "yes!"));
  EXPECT_TRUE(matches("^(?:a|b)+?$", "abba"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("", "a"));
}

TEST(Regex, Repeats) {
  EXPECT_TRUE(matches("a{2,3}", "aa"));
  EXPECT_FALSE(matches("a{2,3}", "aaaa"));
  EXPECT_TRUE(matches("a{2,}", "aaaaaa"));
  EXPECT_TRUE(matches("(ab){2}", "abab"));
  EXPECT_TRUE(matches("(a*)*b?", "aab"));
  EXPECT_TRUE(matches("{a}{,2}x{", "{a}{,2}x{"));
}

TEST(Regex, HasClasses) {
  EXPECT_TRUE(matches(R"([\w.-]+@\D)", "a_b.c-d@x"));
  EXPECT_FALSE(matches(R"(\w)", "\u00e9"));
  EXPECT_TRUE(matches(R"([^\d\s])", "\u00e9"));
  EXPECT_TRUE(matches(R"(\s)", "\u00a0"));
  EXPECT_FALSE(matches(".", "\n"));
  EXPECT_TRUE(matches(R"([a\]-]+)", "a]-"));
  EXPECT_TRUE(matches("[\\s\\S]", "\n"));
  EXPECT_TRUE(matches(R"(\p{Lu}\p{Letter}\P{L})", "\u00c9\u00e91"));
  EXPECT_TRUE(matches(R"(\p{Script=Han}+)", "\u6f22\u5b57"));
}

TEST(Regex, HasEscapes) {
  EXPECT_TRUE(matches(R"(\x41\u0042\u{43}\cJ\t\/\-)", "ABC\n\t/-"));
  EXPECT_TRUE(matches(R"(\ud83d\ude00)", "\U0001F600"));
  EXPECT_TRUE(matches("(?<year>[0-9]{4})(?P<month>-[0-9]{2})", "2024-02"));
}

TEST(Regex, IsFoundAnywhereUnlessAnchored) {
  EXPECT_TRUE(is_found("b+", "abbc"));
  EXPECT_FALSE(is_found("^b+", "abbc"));
  EXPECT_FALSE(is_found("b+$", "abbc"));
  EXPECT_TRUE(is_found("^a|c$", "bc"));
  EXPECT_TRUE(is_found("^a|c$", "ab"));
  EXPECT_TRUE(is_found("^$|^x", ""));
  EXPECT_FALSE(is_found("^$", "x"));
  EXPECT_FALSE(is_found("a^b", "ab"));
}

TEST(Regex, RefusesWhatNoAutomatonCanKeepNamingThePlace) {
  EXPECT_THAT(refusal("ab(?=c)"), HasSubstr("byte 4: lookahead"));
  EXPECT_THAT(refusal("(a)\\1"), HasSubstr("byte 5: back references"));
  EXPECT_THAT(refusal("a\\b"), HasSubstr("\\b"));
  EXPECT_THAT(refusal("(?i)a"), HasSubstr("flags"));
  EXPECT_THAT(refusal("\\p{Foo}"), HasSubstr("'Foo'"));
}

TEST(Regex, RefusesWhatIsNone) {
  EXPECT_THAT(refusal("a)"), HasSubstr("byte 1"));
  EXPECT_THAT(refusal("(a"), HasSubstr("not closed"));
  EXPECT_THAT(refusal("[a"), HasSubstr("']'"));
  EXPECT_THAT(refusal("*a"), HasSubstr("byte 0"));
  EXPECT_THAT(refusal("a**"), HasSubstr("byte 2"));
  EXPECT_THAT(refusal("a{3,2}"), HasSubstr("out of order"));
  EXPECT_THAT(refusal("[b-a]"), HasSubstr("out of order"));
  EXPECT_THAT(refusal("a\\"), HasSubstr("backslash"));
  EXPECT_THAT(refusal("a[]"), HasSubstr("no text matches"));
}

TEST(Regex, RefusesWhatNeedsTooManyStates) {
  EXPECT_THAT(refusal("(a|b)*a(a|b){20}"), HasSubstr("states"));
  EXPECT_THAT(refusal("((a{1000}){1000}){1000}"), HasSubstr("states"));
  EXPECT_THAT(refusal("a{100001}"), HasSubstr("100000 repetitions"));
  EXPECT_THAT(refusal(std::string(200, '(') + std::string(200, ')')), HasSubstr("deep"));
}

}  // namespace
}  // namespace hearth
