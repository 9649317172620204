#include "apps/serve/api/ollama/reply.h"

#include <gtest/gtest.h>

namespace hearth::serve::ollama {
namespace {

using nlohmann::ordered_json;

TEST(OllamaReply, ALineHasWhatThePartSays) {
  AnswerPart part;
  part.text = "Hi";
  part.reasoning = "Greet.";
  const ordered_json chat = ReplyWriter(ReplyWriter::Form::kChat, "m").line_of(part);
  EXPECT_EQ(chat["message"],
            ordered_json::parse(R"({"role": "assistant", "content": "Hi", "thinking": "Greet."})"));
  EXPECT_EQ(chat["done"], false);
  const ordered_json generate = ReplyWriter(ReplyWriter::Form::kGenerate, "m").line_of(part);
  EXPECT_EQ(generate["response"], "Hi");
  EXPECT_EQ(generate["thinking"], "Greet.");
  EXPECT_EQ(generate["model"], "m");
}

TEST(OllamaReply, CallsAreToldWhenTheyAreWhole) {
  ReplyWriter writer(ReplyWriter::Form::kChat, "m");
  AnswerPart part;
  part.calls = {{0, "c", "f", R"({"a":)", false}};
  EXPECT_FALSE(writer.line_of(part)["message"].contains("tool_calls"));
  part.calls = {{0, "", "", "1}", true}, {1, "d", "g", "{}", true}};
  EXPECT_EQ(writer.line_of(part)["message"]["tool_calls"], ordered_json::parse(R"([
    {"id": "c", "function": {"index": 0, "name": "f", "arguments": {"a": 1}}},
    {"id": "d", "function": {"index": 1, "name": "g", "arguments": {}}}])"));
}

TEST(OllamaReply, TheLastLineHasTheFiguresInNanoseconds) {
  AnswerPart last;
  last.finish = HEARTH_FINISH_LENGTH;
  last.figures.prompt_tokens = 10;
  last.figures.completion_tokens = 7;
  last.figures.prefill_ms = 1.5;
  last.figures.decode_ms = 2;
  const ordered_json line = ReplyWriter(ReplyWriter::Form::kChat, "m").line_of(last);
  EXPECT_EQ(line["done"], true);
  EXPECT_EQ(line["done_reason"], "length");
  EXPECT_EQ(line["prompt_eval_count"], 10);
  EXPECT_EQ(line["prompt_eval_duration"], 1500000);
  EXPECT_EQ(line["eval_count"], 7);
  EXPECT_EQ(line["eval_duration"], 2000000);
  EXPECT_GE(line["total_duration"], line["load_duration"]);
}

}  // namespace
}  // namespace hearth::serve::ollama
