#include "apps/serve/api/ollama/read_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/serve/api/refusal_testing.h"

namespace hearth::serve::ollama {
namespace {

using nlohmann::ordered_json;
using ::testing::HasSubstr;

TextRequest read_chat_of(const char* members) {
  ordered_json body =
      ordered_json::parse(R"({"model": "m", "messages": [{"role": "user", "content": "Hi"}]})");
  body.update(ordered_json::parse(members));
  return read_chat(body);
}

TextRequest read_generate_of(const char* members) {
  ordered_json body = ordered_json::parse(R"({"model": "m", "prompt": "Hi"})");
  body.update(ordered_json::parse(members));
  return read_generate(body);
}

Refusal refused_chat(const char* members) {
  return refusal_of_reading([&] { read_chat_of(members); });
}

Refusal refused_prompt(const char* members) {
  return refusal_of_reading([&] { read_generate_of(members); });
}

TEST(ReadOllamaChat, StreamsUnlessItIsToldNotTo) {
  EXPECT_TRUE(read_chat_of("{}").stream);
  EXPECT_FALSE(read_chat_of(R"({"stream": false})").stream);
}

TEST(ReadOllamaChat, CallsAndResultsGetTheIdsThatTemplatesWant) {
  const TextRequest request = read_chat_of(R"({"messages": [
    {"role": "user", "content": "Weather?"},
    {"role": "assistant", "content": "", "thinking": "Look.", "tool_calls": [
      {"function": {"name": "weather", "arguments": {"city": "Rome"}}},
      {"id": "mine", "function": {"name": "weather", "arguments": {"city": "Oslo"}}}]},
    {"role": "tool", "tool_name": "weather", "content": "sunny"},
    {"role": "tool", "content": "snow"}]})");
  EXPECT_EQ(request.chat["messages"], ordered_json::parse(R"([
    {"role": "user", "content": "Weather?"},
    {"role": "assistant", "content": "", "reasoning_content": "Look.", "tool_calls": [
      {"id": "call00000", "type": "function", "function": {"name": "weather", "arguments": {"city": "Rome"}}},
      {"id": "mine", "type": "function", "function": {"name": "weather", "arguments": {"city": "Oslo"}}}]},
    {"role": "tool", "content": "sunny", "tool_call_id": "call00000", "name": "weather"},
    {"role": "tool", "content": "snow", "tool_call_id": "mine"}])"));
}

TEST(ReadOllamaChat, OptionsHaveTheEnginesNames) {
  const TextRequest request =
      read_chat_of(R"({"logprobs": true, "top_logprobs": 2, "options": {"num_predict": 5,
    "num_ctx": 2048, "num_keep": 4, "temperature": 0, "top_k": 3, "repeat_last_n": 8, "repeat_penalty": 1.5,
    "seed": 7, "stop": ["x"], "numa": false}})");
  EXPECT_EQ(request.options, ordered_json::parse(R"({"temperature": 0, "topK": 3, "repetitionPenalty": 1.5,
      "penaltyWindow": 8, "seed": 7, "stop": ["x"], "maxTokens": 5, "keepTokens": 4, "logprobs": 2})"));
  EXPECT_EQ(read_chat_of(R"({"options": {"num_predict": -2}})").options["maxTokens"], -1);
}

TEST(ReadOllamaChat, AFormatIsASchema) {
  EXPECT_EQ(read_chat_of(R"({"format": "json"})").options["jsonSchema"]["type"], "object");
  EXPECT_EQ(read_chat_of(R"({"format": {"type": "array"}})").options["jsonSchema"]["type"], "array");
  EXPECT_FALSE(read_chat_of(R"({"format": ""})").options.contains("jsonSchema"));
  EXPECT_EQ(refused_chat(R"({"format": "xml"})").param, "format");
}

TEST(ReadOllamaChat, ThinkingIsSwitched) {
  EXPECT_EQ(read_chat_of(R"({"think": false})").options["reasoningBudget"], 0);
  EXPECT_EQ(read_chat_of(R"({"think": true})").chat["variables"]["enable_thinking"], true);
  EXPECT_EQ(read_chat_of(R"({"think": "high"})").chat["variables"]["reasoning_effort"], "high");
  EXPECT_FALSE(read_chat_of("{}").chat.contains("variables"));
}

TEST(ReadOllamaChat, WithoutMessagesNothingIsAsked) {
  const TextRequest request = read_chat_of(R"({"messages": [], "keep_alive": 0})");
  EXPECT_FALSE(request.asks);
  EXPECT_EQ(request.keep_alive, Duration::zero());
}

TEST(ReadOllamaChat, KeepsAModelForSecondsOrATime) {
  EXPECT_EQ(read_chat_of(R"({"keep_alive": 90})").keep_alive, std::chrono::seconds(90));
  EXPECT_EQ(read_chat_of(R"({"keep_alive": "1h30m"})").keep_alive, std::chrono::minutes(90));
  EXPECT_EQ(read_chat_of(R"({"keep_alive": -1})").keep_alive, kForever);
  EXPECT_EQ(refused_chat(R"({"keep_alive": "soon"})").param, "keep_alive");
}

TEST(ReadOllamaGenerate, APromptIsAMessageOfTheUser) {
  const TextRequest request = read_generate_of(R"({"system": "Be brief."})");
  EXPECT_EQ(request.chat["messages"], ordered_json::parse(R"([{"role": "system", "content": "Be brief."},
                                                              {"role": "user", "content": "Hi"}])"));
}

TEST(ReadOllamaGenerate, ARawPromptIsTakenAsItIs) {
  const TextRequest request = read_generate_of(R"({"raw": true, "context": [1, 2]})");
  EXPECT_TRUE(request.chat.is_null());
  EXPECT_EQ(request.prompt, "Hi");
  EXPECT_EQ(request.context, (std::vector<int32_t>{1, 2}));
  EXPECT_EQ(refused_prompt(R"({"context": [-1]})").param, "context");
}

TEST(ReadOllamaGenerate, WithoutAPromptNothingIsAsked) {
  EXPECT_FALSE(read_generate_of(R"({"prompt": ""})").asks);
}

TEST(ReadOllamaRequest, SaysWhereItIsWrong) {
  EXPECT_EQ(refused_chat(R"({"model": ""})").param, "model");
  EXPECT_EQ(refused_chat(R"({"messages": [1]})").param, "messages[0]");
  EXPECT_EQ(refused_chat(R"({"messages": [{"role": "x"}]})").param, "messages[0].role");
  EXPECT_EQ(refused_chat(R"({"options": {"top_k": "many"}})").param, "options.top_k");
  EXPECT_THAT(refused_chat(R"({"messages": [{"role": "user", "images": ["x"]}]})").message,
              HasSubstr("messages[0].images"));
  EXPECT_EQ(refused_prompt(R"({"template": "x"})").param, "template");
}

}  // namespace
}  // namespace hearth::serve::ollama
