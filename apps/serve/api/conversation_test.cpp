#include "apps/serve/api/conversation.h"

#include <gtest/gtest.h>

namespace hearth::serve {
namespace {

using nlohmann::ordered_json;

TEST(Conversation, PutsWhatAnAssistantDoesInARowIntoOneMessage) {
  Conversation conversation;
  conversation.add("user", "Weather?");
  conversation.think("Look it up.");
  conversation.extend("assistant", "One moment.", "\n\n");
  conversation.call("a", "weather", {{"city", "Rome"}});
  conversation.call("b", "weather", R"({"city": "Oslo"})");
  conversation.result("a", "sunny");
  conversation.extend("assistant", "Sunny.", "\n\n");
  EXPECT_EQ(conversation.messages(), ordered_json::parse(R"([
    {"role": "user", "content": "Weather?"},
    {"role": "assistant", "content": "One moment.", "reasoning_content": "Look it up.", "tool_calls": [
      {"id": "a", "type": "function", "function": {"name": "weather", "arguments": {"city": "Rome"}}},
      {"id": "b", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Oslo\"}"}}]},
    {"role": "tool", "tool_call_id": "a", "content": "sunny"},
    {"role": "assistant", "content": "Sunny."}])"));
}

TEST(Conversation, KeepsMessagesApartThatAreAdded) {
  Conversation conversation;
  conversation.add("user", "a");
  conversation.add("user", "b");
  conversation.extend("user", "c", "-");
  EXPECT_EQ(conversation.messages().dump(),
            R"([{"role":"user","content":"a"},{"role":"user","content":"b-c"}])");
}

}  // namespace
}  // namespace hearth::serve
