#include "apps/serve/api/responses/response.h"

#include <gtest/gtest.h>

namespace hearth::serve::responses {
namespace {

using nlohmann::ordered_json;

AnswerPart part_of(std::string text, std::string reasoning = {}, std::vector<CallPart> calls = {}) {
  AnswerPart part;
  part.text = std::move(text);
  part.reasoning = std::move(reasoning);
  part.calls = std::move(calls);
  return part;
}

AnswerPart last_part(hearth_finish_reason finish) {
  AnswerPart part;
  part.finish = finish;
  part.figures.prompt_tokens = 10;
  part.figures.cached_tokens = 4;
  part.figures.completion_tokens = 7;
  part.figures.reasoning_tokens = 2;
  return part;
}

/// Writes a response of these parts, and notes its events.
class ResponseWriterTest : public ::testing::Test {
 protected:
  void write(const std::vector<AnswerPart>& parts) {
    note(writer_.begin());
    for (const AnswerPart& part : parts) note(writer_.add(part));
  }
  void note(const Events& events) {
    for (const ordered_json& event : events) {
      EXPECT_EQ(event["sequence_number"], events_.size());
      events_.push_back(event);
      types_.push_back(event["type"]);
    }
  }

  ResponseWriter writer_{"resp_1", "m", {{"metadata", ordered_json::object()}}, false};
  Events events_;
  std::vector<std::string> types_;
};

TEST_F(ResponseWriterTest, TellsEachItemFromItsBeginningToItsEnd) {
  write({part_of("", "Hm."), part_of("So"), part_of("."), part_of("", "", {{0, "c", "f", "{", false}}),
         part_of("", "", {{0, "", "", "}", true}}), last_part(HEARTH_FINISH_TOOL_CALLS)});
  const std::vector<std::string> expected = {"response.created",
                                             "response.in_progress",
                                             "response.output_item.added",
                                             "response.content_part.added",
                                             "response.reasoning_text.delta",
                                             "response.reasoning_text.done",
                                             "response.content_part.done",
                                             "response.output_item.done",
                                             "response.output_item.added",
                                             "response.content_part.added",
                                             "response.output_text.delta",
                                             "response.output_text.delta",
                                             "response.output_text.done",
                                             "response.content_part.done",
                                             "response.output_item.done",
                                             "response.output_item.added",
                                             "response.function_call_arguments.delta",
                                             "response.function_call_arguments.delta",
                                             "response.function_call_arguments.done",
                                             "response.output_item.done",
                                             "response.completed"};
  EXPECT_EQ(types_, expected);
  EXPECT_EQ(events_[10]["output_index"], 1);
  EXPECT_EQ(events_[10]["item_id"], events_[8]["item"]["id"]);
  EXPECT_EQ(events_[12]["text"], "So.");
  EXPECT_EQ(events_[18]["arguments"], "{}");
  EXPECT_EQ(events_[18]["name"], "f");
}

TEST_F(ResponseWriterTest, TheLastEventHasTheWholeResponse) {
  write({part_of("", "Hm."), part_of("So."), last_part(HEARTH_FINISH_STOP)});
  const ordered_json& response = events_.back()["response"];
  EXPECT_EQ(response, writer_.json());
  EXPECT_EQ(response["status"], "completed");
  EXPECT_EQ(response["output"][0]["content"][0]["text"], "Hm.");
  EXPECT_EQ(response["output"][1]["content"][0]["text"], "So.");
  EXPECT_EQ(response["output"][1]["status"], "completed");
  EXPECT_EQ(response["usage"], ordered_json::parse(R"({"input_tokens": 10,
      "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 7,
      "output_tokens_details": {"reasoning_tokens": 2}, "total_tokens": 17})"));
}

TEST_F(ResponseWriterTest, WhatTheLimitCutsIsIncomplete) {
  write({part_of("So"), last_part(HEARTH_FINISH_LENGTH)});
  EXPECT_EQ(types_.back(), "response.incomplete");
  EXPECT_EQ(writer_.json()["status"], "incomplete");
  EXPECT_EQ(writer_.json()["incomplete_details"]["reason"], "max_output_tokens");
  EXPECT_EQ(writer_.json()["output"][0]["status"], "incomplete");
}

TEST_F(ResponseWriterTest, AnEmptyAnswerIsAnEmptyMessage) {
  write({last_part(HEARTH_FINISH_STOP)});
  EXPECT_EQ(writer_.json()["output"][0]["content"][0]["text"], "");
}

TEST_F(ResponseWriterTest, AFailureEndsWhatWasBegun) {
  write({part_of("So")});
  note(writer_.fail(Refusal(Error{ErrorCode::kTimeout, "too late"})));
  EXPECT_EQ(types_[types_.size() - 2], "response.output_item.done");
  EXPECT_EQ(types_.back(), "response.failed");
  EXPECT_EQ(writer_.json()["error"]["message"], "too late");
}

TEST(ResponseWriter, TellsWhatIsThoughtAsASummaryWhereThatIsAskedFor) {
  ResponseWriter writer("resp_1", "m", ordered_json::object(), true);
  std::vector<std::string> types;
  for (const AnswerPart& part : {part_of("", "Hm."), last_part(HEARTH_FINISH_STOP)}) {
    for (const ordered_json& event : writer.add(part)) types.push_back(event["type"]);
  }
  const std::vector<std::string> expected = {"response.output_item.added",
                                             "response.reasoning_summary_part.added",
                                             "response.reasoning_summary_text.delta",
                                             "response.reasoning_summary_text.done",
                                             "response.reasoning_summary_part.done",
                                             "response.output_item.done",
                                             "response.completed"};
  EXPECT_EQ(types, expected);
  EXPECT_EQ(writer.json()["output"][0]["summary"][0]["text"], "Hm.");
}

}  // namespace
}  // namespace hearth::serve::responses
