#include "apps/serve/api/openai/chat_request.h"

#include <gtest/gtest.h>

#include <string_view>

#include "apps/serve/api/refusal_testing.h"

namespace hearth::serve::openai {
namespace {

using nlohmann::ordered_json;

ChatRequest read(std::string_view text) { return read_chat_request(ordered_json::parse(text)); }

std::string param_of(std::string_view text) {
  return refusal_of_reading([&] { read(text); }).param;
}

TEST(ChatRequest, IsTheConversationAndTheOptionsOfTheEngine) {
  const ChatRequest request = read(R"({"model": "m", "messages": [{"role": "developer", "content": "a"}],
      "max_completion_tokens": 5, "max_tokens": 7, "stop": ["", "x"], "stream": true, "n": 3,
      "stream_options": {"include_usage": true}, "logprobs": true, "top_logprobs": 2})");
  EXPECT_EQ(request.model, "m");
  EXPECT_EQ(request.chat["messages"][0]["role"], "system");
  EXPECT_EQ(request.options, ordered_json::parse(R"({"stop": ["x"], "maxTokens": 5, "logprobs": 2})"));
  EXPECT_EQ(request.choices, 3U);
  EXPECT_TRUE(request.stream && request.include_usage);
}

TEST(ChatRequest, OfNoTokensReadsThePromptAlone) {
  const ChatRequest request = read(R"({"messages": [{"role": "user", "content": "a"}], "max_tokens": 0})");
  EXPECT_TRUE(request.no_tokens);
  EXPECT_EQ(request.options["maxTokens"], 1);
}

TEST(ChatRequest, MayHaveFunctionsAsTheyOnceWere) {
  const ChatRequest request = read(R"({"messages": [
      {"role": "user", "content": "a"},
      {"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}},
      {"role": "function", "name": "f", "content": "b"}],
      "functions": [{"name": "f", "parameters": {"type": "object"}}], "function_call": {"name": "f"}})");
  EXPECT_TRUE(request.legacy_functions && request.one_call);
  const ordered_json& messages = request.chat["messages"];
  EXPECT_EQ(messages[1]["tool_calls"][0]["function"]["name"], "f");
  EXPECT_FALSE(messages[1].contains("function_call"));
  EXPECT_EQ(messages[2]["role"], "tool");
  EXPECT_EQ(messages[2]["tool_call_id"], messages[1]["tool_calls"][0]["id"]);
  EXPECT_EQ(request.chat["tools"][0]["function"]["name"], "f");
  EXPECT_EQ(request.chat["toolChoice"], "f");
}

TEST(ChatRequest, OffersOnlyTheToolsThatAreAllowed) {
  const ChatRequest request = read(R"({"messages": [{"role": "user", "content": "a"}],
      "tools": [{"type": "function", "function": {"name": "f"}}, {"type": "function", "function": {"name": "g"}}],
      "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required",
          "tools": [{"type": "function", "function": {"name": "g"}}]}}})");
  ASSERT_EQ(request.chat["tools"].size(), 1U);
  EXPECT_EQ(request.chat["tools"][0]["function"]["name"], "g");
  EXPECT_EQ(request.chat["toolChoice"], "required");
}

TEST(ChatRequest, TellsTheTemplateHowMuchToThink) {
  const ChatRequest none =
      read(R"({"messages": [{"role": "user", "content": "a"}], "reasoning_effort": "none",
      "chat_template_kwargs": {"mood": "calm"}})");
  EXPECT_EQ(none.chat["variables"], ordered_json::parse(R"({"mood": "calm", "enable_thinking": false})"));
  EXPECT_EQ(none.options["reasoningBudget"], 0);
  const ChatRequest high =
      read(R"({"messages": [{"role": "user", "content": "a"}], "reasoning_effort": "xhigh"})");
  EXPECT_EQ(high.chat["variables"]["reasoning_effort"], "high");
}

TEST(ChatRequest, TakesBiasesOfTokensAndOfTexts) {
  const ChatRequest object = read(R"({"messages": [{"role": "user", "content": "a"}],
      "logit_bias": {"5": -100, "five": 2}})");
  EXPECT_EQ(object.options["logitBias"], ordered_json::parse(R"({"5": -100})"));
  ASSERT_EQ(object.text_biases.size(), 1U);
  EXPECT_EQ(object.text_biases[0].text, "five");
  const ChatRequest pairs = read(R"({"messages": [{"role": "user", "content": "a"}],
      "logit_bias": [[5, false], ["5", 2]]})");
  EXPECT_EQ(pairs.options["logitBias"], ordered_json::parse(R"({"5": null})"));
  EXPECT_EQ(pairs.text_biases[0].text, "5");
}

TEST(ChatRequest, RefusesBiasesOfMoreTokensThanAnybodyMeans) {
  ordered_json body = ordered_json::parse(R"({"messages": [{"role": "user", "content": "a"}]})");
  body["logit_bias"] = ordered_json::array();
  for (int token = 0; token < 20'000; ++token) body["logit_bias"].push_back({token, 1});
  EXPECT_EQ(param_of(body.dump()), "logit_bias");
}

TEST(ChatRequest, EachOfSeveralAnswersHasASeedOfItsOwn) {
  ChatRequest request = read(R"({"messages": [{"role": "user", "content": "a"}], "seed": 7, "n": 2})");
  EXPECT_EQ(options_of_choice(request, 1)["seed"], 8);
  request.options["seed"] = -1;
  EXPECT_EQ(options_of_choice(request, 1)["seed"], -1);
}

TEST(ChatRequest, RefusesWhatIsWrongByThePathToIt) {
  EXPECT_EQ(param_of(R"({})"), "messages");
  EXPECT_EQ(param_of(R"({"messages": [{"role": "user", "content": [{"type": "sound"}]}]})"),
            "messages[0].content[0].type");
  EXPECT_EQ(
      param_of(R"({"messages": [{"role": "user", "content": "a"}], "stream_options": {"include_usage": 1}})"),
      "stream_options.include_usage");
  EXPECT_EQ(
      param_of(R"({"messages": [{"role": "user", "content": "a"}], "response_format": {"type": "json_schema",
      "json_schema": {"name": "n"}}})"),
      "response_format.json_schema.schema");
  EXPECT_EQ(param_of(R"({"messages": [{"role": "user", "content": "a"}], "modalities": ["audio"]})"),
            "modalities");
}

}  // namespace
}  // namespace hearth::serve::openai
