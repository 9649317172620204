#include "engine/grammar/gbnf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/grammar/text_match.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;

std::string gbnf_fault(std::string_view text) {
  const Result<Grammar> grammar = read_gbnf(text);
  return grammar.ok() ? "" : grammar.error().message;
}

/// "accepted", "incomplete", or the byte that is refused.
std::string verdict(std::string_view grammar_text, std::string_view text) {
  const Result<Grammar> grammar = read_gbnf(grammar_text);
  if (!grammar.ok()) return grammar.error().message;
  const Result<TextMatch> match = match_text(*grammar, text);
  if (!match.ok()) return match.error().message;
  if (match->verdict == TextVerdict::kAccepted) return "accepted";
  return match->verdict == TextVerdict::kIncomplete ? "incomplete" : std::to_string(match->byte);
}

TEST(Gbnf, ReadsLiteralsWithEscapes) {
  const std::string_view grammar = R"(root ::= "a\n\t\r\\\"\[\]\x41\u00E9\U0001F600 é")";
  EXPECT_EQ(verdict(grammar, "a\n\t\r\\\"[]A\u00E9\U0001F600 \u00E9"), "accepted");
  EXPECT_EQ(verdict(grammar, "a\n\t\r\\\"[]B"), "8");
}

TEST(Gbnf, ReadsClassesWithRangesNegationAndUnicode) {
  EXPECT_EQ(verdict("root ::= [a-c_x-]+", "abc_x-"), "accepted");
  EXPECT_EQ(verdict("root ::= [a-c]", "d"), "0");
  EXPECT_EQ(verdict("root ::= [^a-c\\]]+", "d\U0001F600\u00E9"), "accepted");
  EXPECT_EQ(verdict("root ::= [^a-c\\]]+", "d]"), "1");
  EXPECT_EQ(verdict("root ::= [\u3041-\u309F]+", "\u3072\u3089"), "accepted");
  EXPECT_EQ(verdict("root ::= [\u3041-\u309F]+", "\u30D2"), "1");
  EXPECT_EQ(verdict("root ::= .", "\n"), "accepted");
  EXPECT_EQ(verdict("root ::= .", "\xF0\x9F\x98"), "incomplete");
  EXPECT_EQ(verdict("root ::= .", "\xC0\x80"), "0");
  EXPECT_EQ(verdict("root ::= .", "\xED\xA0\x80"), "1");
  EXPECT_EQ(verdict("root ::= .", "\xF4\x90\x80\x80"), "1");
}

TEST(Gbnf, CountsRepetitions) {
  EXPECT_EQ(verdict(R"(root ::= "ab"{2})", "abab"), "accepted");
  EXPECT_EQ(verdict(R"(root ::= "ab"{2})", "ab"), "incomplete");
  EXPECT_EQ(verdict(R"(root ::= "ab"{2})", "ababa"), "4");
  EXPECT_EQ(verdict(R"(root ::= "ab"{2,})", "abababab"), "accepted");
  EXPECT_EQ(verdict(R"(root ::= "a"{0,3} "b")", "aab"), "accepted");
  EXPECT_EQ(verdict(R"(root ::= "a"{0,3} "b")", "aaaab"), "3");
  EXPECT_EQ(verdict(R"(root ::= ("a"? "b"?){2,3} "c")", "c"), "accepted");
  EXPECT_EQ(verdict(R"(root ::= ("a"? "b"?){2,3} "c")", "abbac"), "accepted");
  EXPECT_EQ(verdict(R"(root ::= ("a"? "b"?){2,3} "c")", "bababac"), "5");
  EXPECT_EQ(verdict(R"(root ::= (("a"*)* "b"?)* "c")", "aabac"), "accepted");
  EXPECT_EQ(verdict(R"(root ::= (("x" | "y" "z"){2}){2} "c")", "xyzxyzc"), "accepted");
  EXPECT_EQ(verdict(R"(root ::= [a-z]{0,1000000} "0")", std::string(1000, 'q') + "0"), "accepted");
}

TEST(Gbnf, ReadsRulesOverSeveralLinesWithComments) {
  const std::string_view grammar =
      "# what an answer is\n\n"
      "root ::= ( # a group\r\n"
      "   item\n"
      "   (\",\" item)* )\n"
      "item ::= [a-z]+ |\n"
      "   [0-9]+\n"
      "  | \"_\" # the last\n"
      "unused_rule-2 ::= \n";
  EXPECT_EQ(verdict(grammar, "abc,12,_"), "accepted");
  EXPECT_EQ(verdict(grammar, "abc,"), "incomplete");
  EXPECT_EQ(verdict(grammar, "abc1"), "3");
}

TEST(Gbnf, FollowsRecursionOfAnyDepth) {
  const std::string_view grammar = "root ::= \"(\" root? \")\" | \"[\" root \"]\"";
  EXPECT_EQ(verdict(grammar, std::string(5000, '(') + std::string(5000, ')')), "accepted");
  EXPECT_EQ(verdict(grammar, std::string(5000, '(') + std::string(5001, ')')), "10000");
  EXPECT_EQ(verdict(grammar, "([())"), "4");
  EXPECT_EQ(verdict("root ::= [a-z] root | \".\"", std::string(100'000, 'q') + "."), "accepted");
}

TEST(Gbnf, LeavesOutWhatCanNeverEnd) {
  EXPECT_EQ(verdict("root ::= \"a\" endless | \"b\"\nendless ::= \"c\" endless", "a"), "0");
}

TEST(Gbnf, WritesTokensAsTheyAreNamedWhereThereIsNoVocabulary) {
  const std::string_view grammar = "root ::= <think> (!</think>)* </think> <[42]>";
  EXPECT_EQ(verdict(grammar, "<think>so</think><[42]>"), "accepted");
  EXPECT_EQ(verdict(grammar, "<thin>"), "5");
}

TEST(Gbnf, SaysWhereAFaultIs) {
  EXPECT_EQ(gbnf_fault("root ::= \"a\"\nother = \"b\""),
            "line 2, column 7: expected ::= after the name of a rule");
  EXPECT_EQ(gbnf_fault("root ::= \"a"), "line 1, column 10: the literal has no closing \"");
  EXPECT_EQ(gbnf_fault("root ::= (\"a"), "line 1, column 11: the literal has no closing \"");
  EXPECT_THAT(gbnf_fault("root ::= [a-"), HasSubstr("the grammar ends within"));
  EXPECT_THAT(gbnf_fault("root ::= \"\\"), HasSubstr("unknown escape"));
  EXPECT_EQ(gbnf_fault("root ::= [a"), "line 1, column 10: the class of characters has no closing ]");
  EXPECT_EQ(gbnf_fault("root ::= [b-a]"), "line 1, column 11: the range ends before it begins");
  EXPECT_EQ(gbnf_fault("root ::= (\"a\"\n"), "line 2, column 1: expected ) at the end of a group");
  EXPECT_EQ(gbnf_fault("root ::= \"a\" )"), "line 1, column 14: expected the end of the rule");
  EXPECT_EQ(gbnf_fault("root ::= \"a\"{3,2}"), "line 1, column 13: the repetition's most is below its least");
  EXPECT_EQ(gbnf_fault("root ::= \"a\"{,2}"), "line 1, column 14: expected a number");
  EXPECT_EQ(gbnf_fault("root ::= \"a\"{9999999999}"), "line 1, column 14: the number has more than 9 digits");
  EXPECT_EQ(gbnf_fault("root ::= \"\\uD800\""),
            "line 1, column 11: the escape stands for no character of Unicode");
  EXPECT_EQ(gbnf_fault("root ::= \"\\x4\""), "line 1, column 11: the escape needs 2 hexadecimal digits");
  EXPECT_THAT(gbnf_fault("root ::= \"\\q\""), HasSubstr("line 1, column 11: unknown escape"));
  EXPECT_EQ(gbnf_fault("root ::= \"\xFF\""), "line 1, column 11: the grammar is not valid UTF-8");
  EXPECT_EQ(gbnf_fault("root ::= <think"), "line 1, column 10: the token has no closing >");
  EXPECT_EQ(gbnf_fault("root ::= missing"), "line 1, column 10: there is no rule of this name");
  EXPECT_EQ(gbnf_fault("root ::= \"a\"\nroot ::= \"b\""), "line 2, column 1: the rule root is defined twice");
  EXPECT_THAT(gbnf_fault("root ::= " + std::string(100'000, '(')), HasSubstr("deep within each other"));
  EXPECT_THAT(gbnf_fault(""), HasSubstr("no rule root"));
}

TEST(Choices, AllowExactlyOneOfTheTexts) {
  const std::vector<std::string> choices{"yes", "no", "none", ""};
  const Grammar grammar = read_choices(choices).value();
  EXPECT_EQ(match_text(grammar, "none")->verdict, TextVerdict::kAccepted);
  EXPECT_EQ(match_text(grammar, "")->verdict, TextVerdict::kAccepted);
  EXPECT_EQ(match_text(grammar, "ye")->verdict, TextVerdict::kIncomplete);
  EXPECT_EQ(match_text(grammar, "yesno")->byte, 3);
  EXPECT_FALSE(read_choices({}).ok());
}

TEST(TextMatch, SaysWhatWasPossible) {
  const auto possible = [](std::string_view grammar, std::string_view text) {
    return match_text(read_gbnf(grammar).value(), text)->possible;
  };
  EXPECT_THAT(possible(R"(root ::= "true" | [0-9a\n]+ | [^"] | .)", "tx"),
              ::testing::UnorderedElementsAre("the end", "\"rue\""));
  EXPECT_THAT(possible(R"(root ::= "true" | [0-9a\n]+)", "x"),
              ::testing::UnorderedElementsAre("\"true\"", "[\\n0-9a]"));
  EXPECT_THAT(possible("root ::= [^\"\\x00-\\x1F]", "\""), ::testing::ElementsAre("[^\\x00-\\x1F\"]"));
}

TEST(TextMatch, RefusesAGrammarThatCanBeReadInTooManyWays) {
  const std::string_view grammar = "root ::= \"a\" root root | \"a\" root \"b\" | \"a\"";
  const Result<TextMatch> match = match_text(read_gbnf(grammar).value(), std::string(100'000, 'a'));
  ASSERT_FALSE(match.ok());
  EXPECT_THAT(match.error().message, HasSubstr("too many ways"));
}

}  // namespace
}  // namespace hearth
