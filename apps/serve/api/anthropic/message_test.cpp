#include "apps/serve/api/anthropic/message.h"

#include <gtest/gtest.h>

namespace hearth::serve::anthropic {
namespace {

using nlohmann::ordered_json;

AnswerPart says(std::string text) {
  AnswerPart part;
  part.text = std::move(text);
  return part;
}

AnswerPart thinks(std::string text) {
  AnswerPart part;
  part.reasoning = std::move(text);
  return part;
}

AnswerPart calls(std::vector<CallPart> pieces) {
  AnswerPart part;
  part.calls = std::move(pieces);
  return part;
}

AnswerPart ends(hearth_finish_reason finish) {
  AnswerPart part;
  part.finish = finish;
  part.figures.prompt_tokens = 10;
  part.figures.cached_tokens = 4;
  part.figures.completion_tokens = 7;
  return part;
}

/// The types of the events, with a block's kind and a delta's.
std::vector<std::string> outline(const std::vector<AnswerPart>& parts) {
  MessageEvents events("msg_1", "m");
  std::vector<std::string> lines;
  for (const AnswerPart& part : parts) {
    for (const ordered_json& event : events.of(part)) {
      std::string line = event["type"];
      if (event.contains("index")) line += " " + event["index"].dump();
      if (event.contains("content_block")) line += " " + event["content_block"]["type"].get<std::string>();
      if (event["type"] == "content_block_delta") line += " " + event["delta"]["type"].get<std::string>();
      lines.push_back(line);
    }
  }
  return lines;
}

TEST(MessageEvents, BeginGrowAndEndEachBlockInTurn) {
  const std::vector<std::string> expected = {"message_start",
                                             "content_block_start 0 thinking",
                                             "ping",
                                             "content_block_delta 0 thinking_delta",
                                             "content_block_delta 0 thinking_delta",
                                             "content_block_delta 0 signature_delta",
                                             "content_block_stop 0",
                                             "content_block_start 1 text",
                                             "content_block_delta 1 text_delta",
                                             "content_block_stop 1",
                                             "content_block_start 2 tool_use",
                                             "content_block_delta 2 input_json_delta",
                                             "content_block_delta 2 input_json_delta",
                                             "content_block_stop 2",
                                             "content_block_start 3 tool_use",
                                             "content_block_stop 3",
                                             "message_delta",
                                             "message_stop"};
  EXPECT_EQ(
      outline({thinks("a"), thinks("b"), says("c"), calls({{0, "x", "f", "{", false}}),
               calls({{0, "", "", "}", true}, {1, "y", "g", "", true}}), ends(HEARTH_FINISH_TOOL_CALLS)}),
      expected);
}

TEST(MessageEvents, AnEmptyAnswerHasNoBlocks) {
  const std::vector<std::string> expected = {"message_start", "message_delta", "message_stop"};
  EXPECT_EQ(outline({ends(HEARTH_FINISH_STOP)}), expected);
}

TEST(MessageEvents, CloseTheBlockThatTheLimitCuts) {
  const std::vector<std::string> lines =
      outline({calls({{0, "x", "f", "{", false}}), ends(HEARTH_FINISH_LENGTH)});
  EXPECT_EQ(lines[lines.size() - 3], "content_block_stop 0");
}

TEST(MessageEvents, TellTokensAndWhyItEnded) {
  MessageEvents events("msg_1", "m");
  AnswerPart last = ends(HEARTH_FINISH_STOP);
  last.stop = "END";
  const std::vector<ordered_json> all = events.of(last);
  EXPECT_EQ(all[0]["message"]["usage"]["input_tokens"], 6);
  EXPECT_EQ(all[0]["message"]["usage"]["cache_read_input_tokens"], 4);
  EXPECT_EQ(all[0]["message"]["stop_reason"], nullptr);
  EXPECT_EQ(all[1]["delta"]["stop_reason"], "stop_sequence");
  EXPECT_EQ(all[1]["delta"]["stop_sequence"], "END");
  EXPECT_EQ(all[1]["usage"]["output_tokens"], 7);
}

TEST(MessageJson, HasTheWholeAnswer) {
  AnswerPart whole = thinks("Look.");
  whole.text = "One moment.";
  whole.calls = {{0, "x", "f", R"({"a":1})", true}, {1, "y", "g", R"({"a)", false}};
  whole.append(ends(HEARTH_FINISH_TOOL_CALLS));
  const ordered_json message = message_json("msg_1", "m", whole);
  EXPECT_EQ(message["content"], ordered_json::parse(R"([
    {"type": "thinking", "thinking": "Look.", "signature": "msg_1"},
    {"type": "text", "text": "One moment."},
    {"type": "tool_use", "id": "x", "name": "f", "input": {"a": 1}},
    {"type": "tool_use", "id": "y", "name": "g", "input": {}}])"));
  EXPECT_EQ(message["stop_reason"], "tool_use");
  EXPECT_EQ(message["stop_sequence"], nullptr);
}

TEST(MessageJson, TellsTheReasonsApart) {
  EXPECT_EQ(message_json("i", "m", ends(HEARTH_FINISH_STOP))["stop_reason"], "end_turn");
  EXPECT_EQ(message_json("i", "m", ends(HEARTH_FINISH_LENGTH))["stop_reason"], "max_tokens");
}

}  // namespace
}  // namespace hearth::serve::anthropic
