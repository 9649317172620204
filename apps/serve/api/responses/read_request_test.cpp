#include "apps/serve/api/responses/read_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/serve/api/refusal_testing.h"

namespace hearth::serve::responses {
namespace {

using nlohmann::ordered_json;
using ::testing::HasSubstr;

const FindItem kNoItems = [](const std::string& /*id*/) { return ordered_json(); };

/// A request that asks "Hi", with further members.
ResponsesRequest read(const char* members, const Turns& before = {}, const FindItem& find = kNoItems) {
  ordered_json body = {{"model", "m"}, {"input", "Hi"}};
  body.update(ordered_json::parse(members));
  return read_request(body, before, find);
}

Refusal refused(const char* members) {
  return refusal_of_reading([&] { read(members); });
}

TEST(ReadResponsesRequest, ATextIsAMessage) {
  const ResponsesRequest request = read(R"({"instructions": "Be brief."})");
  EXPECT_EQ(request.chat["messages"], ordered_json::parse(R"([{"role": "system", "content": "Be brief."},
                                                              {"role": "user", "content": "Hi"}])"));
  ordered_json item = request.input[0];
  EXPECT_TRUE(item["id"].get<std::string>().starts_with("msg_"));
  item.erase("id");
  EXPECT_EQ(item, ordered_json::parse(R"({"type": "message", "role": "user",
                                          "content": [{"type": "input_text", "text": "Hi"}]})"));
}

TEST(ReadResponsesRequest, ItemsBecomeMessages) {
  const ResponsesRequest request = read(R"({"input": [
    {"role": "developer", "content": "Be brief."},
    {"role": "user", "content": [{"type": "input_text", "text": "Weather"}, {"type": "input_text", "text": "?"}]},
    {"type": "reasoning", "id": "r", "summary": [], "content": [{"type": "reasoning_text", "text": "Look."}]},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "One moment."}]},
    {"type": "function_call", "call_id": "c", "name": "weather", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c", "output": "sunny"}]})");
  EXPECT_EQ(request.chat["messages"], ordered_json::parse(R"([
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Weather?"},
    {"role": "assistant", "content": "One moment.", "reasoning_content": "Look.", "tool_calls": [
      {"id": "c", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]},
    {"role": "tool", "tool_call_id": "c", "content": "sunny"}])"));
}

TEST(ReadResponsesRequest, GoesOnInAConversationButNotInItsInstructions) {
  const auto turn = std::make_shared<const Turn>(
      Turn{ordered_json::parse(R"([{"id": "1", "type": "message", "role": "user", "content": "Ho"}])"),
           ordered_json::parse(R"({"instructions": "Shout.", "output": [{"id": "2", "type": "message",
             "role": "assistant", "content": [{"type": "output_text", "text": "Ha"}]}]})")});
  EXPECT_EQ(read("{}", {turn}).chat["messages"], ordered_json::parse(R"([{"role": "user", "content": "Ho"},
      {"role": "assistant", "content": "Ha"}, {"role": "user", "content": "Hi"}])"));
}

TEST(ReadResponsesRequest, ItemsThatAreKeptMayBeReferredTo) {
  const FindItem find = [](const std::string& id) -> ordered_json {
    if (id != "msg_1") return nullptr;
    return {{"id", id}, {"type", "message"}, {"role", "assistant"}, {"content", "Ha"}};
  };
  const char* input =
      R"({"input": [{"type": "item_reference", "id": "msg_1"}, {"role": "user", "content": "x"}]})";
  EXPECT_EQ(read(input, {}, find).chat["messages"][0]["content"], "Ha");
  EXPECT_EQ(refused(input).param, "input[0].id");
}

TEST(ReadResponsesRequest, ToolsAreFunctions) {
  const ResponsesRequest request = read(R"({"parallel_tool_calls": false,
    "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": true},
              {"type": "function", "name": "g", "description": "d", "parameters": null, "strict": null}],
    "tool_choice": {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "g"}]}})");
  EXPECT_EQ(request.chat["tools"],
            ordered_json::parse(R"([{"type": "function", "function": {"name": "g", "description": "d"}}])"));
  EXPECT_EQ(request.chat["toolChoice"], "required");
  EXPECT_TRUE(request.one_call);
  const char* named = R"({"tools": [{"type": "function", "name": "f"}],
                          "tool_choice": {"type": "function", "name": "f"}})";
  EXPECT_EQ(read(named).chat["toolChoice"], "f");
}

TEST(ReadResponsesRequest, OptionsHaveTheEnginesNames) {
  const ResponsesRequest request =
      read(R"({"max_output_tokens": 9, "temperature": 0, "top_p": 0.5, "store": false,
    "stream": true, "truncation": "auto", "top_logprobs": 2, "include": ["message.output_text.logprobs"],
    "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}}})");
  EXPECT_EQ(request.options,
            ordered_json::parse(R"({"jsonSchema": {"type": "object"}, "temperature": 0, "topP": 0.5,
                                                     "maxTokens": 9, "logprobs": 2})"));
  EXPECT_TRUE(request.stream && request.truncates);
  EXPECT_FALSE(request.stores);
}

TEST(ReadResponsesRequest, ReasoningIsToldAsASummaryWhereThatIsAskedFor) {
  const ResponsesRequest request = read(R"({"reasoning": {"effort": "none", "summary": "auto"}})");
  EXPECT_TRUE(request.summarizes);
  EXPECT_EQ(request.options["reasoningBudget"], 0);
}

TEST(ReadResponsesRequest, RepeatsWhatItWasAsked) {
  const ordered_json told = read(R"({"metadata": {"a": "b"}, "temperature": 0.5})").told;
  EXPECT_EQ(told["metadata"], ordered_json::parse(R"({"a": "b"})"));
  EXPECT_EQ(told["temperature"], 0.5);
  EXPECT_EQ(told["text"]["format"]["type"], "text");
  EXPECT_EQ(told["store"], true);
}

TEST(ReadResponsesRequest, SaysWhereItIsWrong) {
  EXPECT_EQ(refused(R"({"input": null})").param, "input");
  EXPECT_EQ(refused(R"({"input": []})").param, "input");
  EXPECT_EQ(refused(R"({"input": [{"role": "x", "content": ""}]})").param, "input[0].role");
  EXPECT_EQ(refused(R"({"max_output_tokens": 0})").param, "max_output_tokens");
  EXPECT_EQ(refused(R"({"temperature": "hot"})").param, "temperature");
  EXPECT_EQ(refused(R"({"top_logprobs": 3})").param, "top_logprobs");
  EXPECT_EQ(refused(R"({"truncation": "some"})").param, "truncation");
  EXPECT_EQ(refused(R"({"text": {"format": {"type": "json_schema"}}})").param, "text.format.schema");
  EXPECT_EQ(refused(R"({"metadata": {"a": 1}})").param, "metadata.a");
  EXPECT_EQ(refused(R"({"reasoning": {"effort": "huge"}})").param, "reasoning.effort");
  EXPECT_EQ(refused(R"({"tools": [1]})").param, "tools[0]");
}

TEST(ReadResponsesRequest, RefusesByNameWhatThereIsNot) {
  EXPECT_THAT(refused(R"({"tools": [{"type": "web_search"}]})").message, HasSubstr("'web_search'"));
  EXPECT_THAT(refused(R"({"background": true})").message, HasSubstr("background"));
  EXPECT_EQ(refused(R"({"conversation": "conv_1"})").param, "conversation");
  EXPECT_THAT(refused(R"({"input": [{"role": "user", "content": [{"type": "input_image"}]}]})").message,
              HasSubstr("input[0].content[0].type: 'input_image'"));
  EXPECT_THAT(refused(R"({"input": [{"type": "computer_call"}]})").message, HasSubstr("'computer_call'"));
}

}  // namespace
}  // namespace hearth::serve::responses
