#include "apps/serve/api/anthropic/read_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/serve/api/refusal_testing.h"

namespace hearth::serve::anthropic {
namespace {

using nlohmann::ordered_json;
using ::testing::HasSubstr;

/// A request that asks "Hi", with further members.
MessagesRequest read(const char* members) {
  ordered_json body = ordered_json::parse(R"({"model": "m", "max_tokens": 9,
                                              "messages": [{"role": "user", "content": "Hi"}]})");
  body.update(ordered_json::parse(members));
  return read_messages(body);
}

Refusal refused(const char* members) {
  return refusal_of_reading([&] { read(members); });
}

TEST(ReadMessages, ATextIsAMessage) {
  const MessagesRequest request = read("{}");
  EXPECT_EQ(request.model, "m");
  EXPECT_EQ(request.chat["messages"], ordered_json::parse(R"([{"role": "user", "content": "Hi"}])"));
  EXPECT_EQ(request.options["maxTokens"], 9);
  EXPECT_FALSE(request.stream);
}

TEST(ReadMessages, TheSystemPromptIsTheFirstMessage) {
  const char* blocks = R"({"system": [{"type": "text", "text": "Be ", "cache_control": {"type": "ephemeral"}},
                                      {"type": "text", "text": "brief."}]})";
  EXPECT_EQ(read(blocks).chat["messages"][0],
            ordered_json::parse(R"({"role": "system", "content": "Be brief."})"));
  EXPECT_EQ(read(R"({"system": "Hm"})").chat["messages"][0]["content"], "Hm");
}

TEST(ReadMessages, BlocksBecomeMessagesCallsAndResults) {
  const MessagesRequest request = read(R"({"messages": [
    {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
    {"role": "assistant", "content": [
      {"type": "thinking", "thinking": "Look.", "signature": "x"},
      {"type": "redacted_thinking", "data": "y"},
      {"type": "text", "text": "One moment."},
      {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Rome"}}]},
    {"role": "user", "content": [
      {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "sunny"}]},
      {"type": "text", "text": "So?"}]}]})");
  EXPECT_EQ(request.chat["messages"], ordered_json::parse(R"([
    {"role": "user", "content": "Weather?"},
    {"role": "assistant", "content": "One moment.", "reasoning_content": "Look.", "tool_calls": [
      {"id": "t1", "type": "function", "function": {"name": "weather", "arguments": {"city": "Rome"}}}]},
    {"role": "tool", "tool_call_id": "t1", "content": "sunny"},
    {"role": "user", "content": "So?"}])"));
}

TEST(ReadMessages, TurnsOfOneRoleInARowAreOneTurn) {
  const MessagesRequest request = read(R"({"messages": [{"role": "user", "content": "a"},
      {"role": "user", "content": [{"type": "text", "text": "b"}, {"type": "text", "text": "c"}]}]})");
  EXPECT_EQ(request.chat["messages"], ordered_json::parse(R"([{"role": "user", "content": "a\n\nbc"}])"));
}

TEST(ReadMessages, ToolsAreFunctions) {
  const MessagesRequest request = read(R"({"tools": [{"name": "f", "description": "d", "strict": true,
      "input_schema": {"type": "object"}}, {"type": "custom", "name": "g", "input_schema": {}}]})");
  EXPECT_EQ(request.chat["tools"], ordered_json::parse(R"([
    {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"},
                                      "strict": true}},
    {"type": "function", "function": {"name": "g", "parameters": {}}}])"));
}

TEST(ReadMessages, TheToolChoiceIsTheEngines) {
  EXPECT_FALSE(read(R"({"tool_choice": {"type": "auto"}})").chat.contains("toolChoice"));
  EXPECT_EQ(read(R"({"tool_choice": {"type": "any"}})").chat["toolChoice"], "required");
  EXPECT_EQ(read(R"({"tool_choice": {"type": "none"}})").chat["toolChoice"], "none");
  EXPECT_EQ(read(R"({"tool_choice": {"type": "tool", "name": "f"}})").chat["toolChoice"], "f");
  EXPECT_TRUE(read(R"({"tool_choice": {"type": "auto", "disable_parallel_tool_use": true}})").one_call);
}

TEST(ReadMessages, ThinkingIsOffUnlessItIsAskedFor) {
  EXPECT_EQ(read("{}").options["reasoningBudget"], 0);
  EXPECT_EQ(read("{}").chat["variables"]["enable_thinking"], false);
  const MessagesRequest thinks = read(R"({"thinking": {"type": "enabled", "budget_tokens": 1024}})");
  EXPECT_EQ(thinks.options["reasoningBudget"], 1024);
  EXPECT_EQ(thinks.chat["variables"]["enable_thinking"], true);
  EXPECT_FALSE(read(R"({"thinking": {"type": "adaptive"}})").options.contains("reasoningBudget"));
}

TEST(ReadMessages, OptionsHaveTheEnginesNames) {
  const MessagesRequest request = read(R"({"temperature": 0.5, "top_p": 0.9, "top_k": 4, "stream": true,
      "stop_sequences": ["a", "b"], "metadata": {"user_id": "u"}, "max_tokens": 3,
      "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}})");
  EXPECT_EQ(request.options, ordered_json::parse(R"({"reasoningBudget": 0, "maxTokens": 3, "temperature": 0.5,
      "topP": 0.9, "topK": 4, "stop": ["a", "b"], "jsonSchema": {"type": "object"}})"));
  EXPECT_TRUE(request.stream);
}

TEST(ReadMessages, SaysWhereItIsWrong) {
  EXPECT_EQ(refused(R"({"max_tokens": null})").param, "max_tokens");
  EXPECT_EQ(refused(R"({"max_tokens": 0})").param, "max_tokens");
  EXPECT_EQ(refused(R"({"temperature": 1.5})").param, "temperature");
  EXPECT_EQ(refused(R"({"stop_sequences": "x"})").param, "stop_sequences");
  EXPECT_EQ(refused(R"({"messages": []})").param, "messages");
  EXPECT_EQ(refused(R"({"messages": ["x"]})").param, "messages.0");
  EXPECT_EQ(refused(R"({"messages": [{"role": "system", "content": "x"}]})").param, "messages.0.role");
  EXPECT_EQ(refused(R"({"messages": [{"role": "user"}]})").param, "messages.0.content");
  EXPECT_EQ(refused(R"({"tools": [{"input_schema": {}}]})").param, "tools.0.name");
  EXPECT_EQ(refused(R"({"tool_choice": {"type": "some"}})").param, "tool_choice.type");
  EXPECT_EQ(refused(R"({"thinking": {"type": "enabled"}})").param, "thinking.budget_tokens");
  EXPECT_EQ(refused(R"({"metadata": {"user_id": 1}})").param, "metadata.user_id");
}

TEST(ReadMessages, RefusesByNameWhatItCantShowOrRun) {
  const Refusal image = refused(R"({"messages": [{"role": "user", "content": [
      {"type": "text", "text": "What is this?"}, {"type": "image", "source": {}}]}]})");
  EXPECT_EQ(image.status, 400);
  EXPECT_THAT(image.message, HasSubstr("messages.0.content.1.type: 'image'"));
  EXPECT_THAT(refused(R"({"tools": [{"type": "web_search_20250305", "name": "web_search"}]})").message,
              HasSubstr("tools.0.type: 'web_search_20250305'"));
}

TEST(ReadMessages, CountingAsksForNoLimit) {
  const ordered_json body =
      ordered_json::parse(R"({"model": "m", "messages": [{"role": "user", "content": "Hi"}]})");
  EXPECT_EQ(read_counted(body).chat["messages"].size(), 1U);
}

}  // namespace
}  // namespace hearth::serve::anthropic
