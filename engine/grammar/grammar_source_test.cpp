#include "engine/grammar/grammar_source.h"

#include <gtest/gtest.h>

#include "engine/grammar/text_match.h"

namespace hearth {
namespace {

TextVerdict verdict_of(const GrammarSource& source, std::string_view text) {
  const Result<Grammar> grammar = read_grammar(source);
  EXPECT_TRUE(grammar.ok());
  const Result<TextMatch> match = match_text(*grammar, text);
  EXPECT_TRUE(match.ok());
  return match->verdict;
}

TEST(GrammarSource, AllowsNothingBehindAWholeText) {
  const GrammarSource schema{GrammarKind::kSchema, {R"({"type": "integer"})"}};
  EXPECT_EQ(verdict_of(schema, "12"), TextVerdict::kAccepted);
  EXPECT_EQ(verdict_of(schema, "12}"), TextVerdict::kRejected);
}

TEST(GrammarSource, AllowsAnythingBehindATextThatIsOpenEnded) {
  const GrammarSource choices{GrammarKind::kChoices, {"weather\"", "clock\""}, true};
  EXPECT_EQ(verdict_of(choices, "weath"), TextVerdict::kIncomplete);
  EXPECT_EQ(verdict_of(choices, "clock\""), TextVerdict::kAccepted);
  EXPECT_EQ(verdict_of(choices, "clock\", \"arguments\": {\n\u00e9"), TextVerdict::kAccepted);
  EXPECT_EQ(verdict_of(choices, "clocks\""), TextVerdict::kRejected);

  const GrammarSource schema{
      GrammarKind::kSchema, {R"({"type": "object", "properties": {"city": {}}})"}, true};
  EXPECT_EQ(verdict_of(schema, "{}}\n</tool_call>"), TextVerdict::kAccepted);
  EXPECT_EQ(verdict_of(schema, "}"), TextVerdict::kRejected);
}

TEST(GrammarSource, HoldsTheArgumentsOfWhicheverCallIsChosen) {
  const GrammarSource calls{GrammarKind::kCalls,
                            {R"(count", "arguments": )",
                             R"({"type": "object", "properties": {"number": {"type": "integer"}},
                                 "required": ["number"], "additionalProperties": false})",
                             R"(paint", "arguments": )",
                             R"({"type": "object", "properties": {"colour": {"enum": ["red", "green"]}},
                                 "required": ["colour"], "additionalProperties": false})"},
                            true};
  EXPECT_EQ(verdict_of(calls, R"(count", "arguments": {"number": 7}}\n)"), TextVerdict::kAccepted);
  EXPECT_EQ(verdict_of(calls, R"(paint", "arguments": {"colour": "red"})"), TextVerdict::kAccepted);
  EXPECT_EQ(verdict_of(calls, R"(paint", "arguments": {"number")"), TextVerdict::kRejected);
  EXPECT_EQ(verdict_of(calls, R"(count", "arguments": {})"), TextVerdict::kRejected);

  // A call's head ends before a space that belongs to the token with the bracket.
  const GrammarSource begun{GrammarKind::kCalls, {"", R"({"type": "object"})"}, true};
  EXPECT_EQ(verdict_of(begun, " {}}"), TextVerdict::kAccepted);
  EXPECT_EQ(verdict_of(begun, "\n{}"), TextVerdict::kAccepted);
  EXPECT_EQ(verdict_of(begun, " []"), TextVerdict::kRejected);
}

}  // namespace
}  // namespace hearth
