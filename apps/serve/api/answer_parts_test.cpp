#include "apps/serve/api/answer_parts.h"

#include <gtest/gtest.h>

namespace hearth::serve {
namespace {

StreamEvent event(std::string text, std::string json = {}) {
  StreamEvent event;
  event.text = std::move(text);
  event.json = std::move(json);
  return event;
}

TEST(AnswerParts, HaveWhatTheEventSays) {
  StreamEvent last = event("Hi", R"({"reasoning": "Greet.", "warnings": ["loose"],
      "speculation": {"draftedTokens": 8, "acceptedTokens": 5},
      "logprobs": [{"id": 7, "text": "Hi", "bytes": [72, 105], "logprob": -0.5, "topLogprobs": []}]})");
  last.finish = HEARTH_FINISH_STOP;
  last.prompt_tokens = 12;
  const AnswerPart part = part_of(last);
  EXPECT_EQ(part.text, "Hi");
  EXPECT_EQ(part.reasoning, "Greet.");
  EXPECT_EQ(part.warnings, std::vector<std::string>{"loose"});
  EXPECT_EQ(part.logprobs[0]["id"], 7);
  EXPECT_TRUE(part.ended());
  EXPECT_EQ(part.figures.prompt_tokens, 12);
  EXPECT_EQ(part.figures.drafted_tokens, 8);
  EXPECT_EQ(part.figures.accepted_tokens, 5);
}

TEST(AnswerParts, ACallBeginsWithAnIdWhereverTheModelWritesIt) {
  const AnswerPart named =
      part_of(event("", R"({"toolCalls": [{"index": 0, "id": "call00000", "name": "f"}]})"));
  EXPECT_EQ(named.calls[0].id, "call00000");
  const AnswerPart begun = part_of(event("", R"({"toolCalls": [{"index": 0, "name": "f"}]})"));
  EXPECT_EQ(begun.calls[0].id.size(), 9U);
  const AnswerPart ended =
      part_of(event("", R"({"toolCalls": [{"index": 0, "id": "late", "arguments": "}", "whole": true}]})"));
  EXPECT_EQ(ended.calls[0].id, "");
  EXPECT_TRUE(ended.calls[0].whole);
}

TEST(AnswerParts, TellWhichStopTextEndedTheAnswer) {
  AnswerPart whole = part_of(event("a"));
  whole.append(part_of(event("b", R"({"stop": "END"})")));
  EXPECT_EQ(whole.stop, "END");
}

TEST(AnswerParts, EndBehindTheFirstCallWhereThereShallBeNoOther) {
  AnswerPart begun = part_of(event("", R"({"toolCalls": [{"index": 0, "id": "x", "name": "f"}]})"));
  end_behind_first_call(begun);
  EXPECT_FALSE(begun.ended());
  AnswerPart ended = part_of(event("", R"({"toolCalls": [{"index": 0, "arguments": "{}", "whole": true},
                                                         {"index": 1, "id": "y", "name": "g"}]})"));
  end_behind_first_call(ended);
  EXPECT_EQ(ended.finish, HEARTH_FINISH_TOOL_CALLS);
  EXPECT_EQ(ended.calls.size(), 1U);
}

TEST(AnswerParts, JoinedAreOneAnswer) {
  AnswerPart whole =
      part_of(event("a", R"({"toolCalls": [{"index": 0, "id": "x", "name": "f", "arguments": "{"}]})"));
  whole.append(part_of(event("b", R"({"toolCalls": [{"index": 0, "arguments": "}", "whole": true},
                                                    {"index": 1, "id": "y", "name": "g"}]})")));
  StreamEvent last = event("c");
  last.finish = HEARTH_FINISH_TOOL_CALLS;
  last.completion_tokens = 3;
  whole.append(part_of(last));
  EXPECT_EQ(whole.text, "abc");
  ASSERT_EQ(whole.calls.size(), 2U);
  EXPECT_EQ(whole.calls[0].id, "x");
  EXPECT_EQ(whole.calls[0].arguments, "{}");
  EXPECT_TRUE(whole.calls[0].whole);
  EXPECT_EQ(whole.calls[1].name, "g");
  EXPECT_EQ(whole.finish, HEARTH_FINISH_TOOL_CALLS);
  EXPECT_EQ(whole.figures.completion_tokens, 3);
}

}  // namespace
}  // namespace hearth::serve
