#include "engine/text/chat_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "engine/base/testdata.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kChatMl =
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

std::unique_ptr<const ChatTemplate> parsed(std::string_view source) {
  auto chat_template = ChatTemplate::parse(source);
  EXPECT_TRUE(chat_template.ok()) << chat_template.error().message;
  return std::move(chat_template).value();
}

/// The prompt as one text, or "error: " and the message.
std::string prompt_of(const ChatTemplate& chat_template, const ChatInput& input) {
  const auto pieces = chat_template.render(input);
  if (!pieces.ok()) return "error: " + pieces.error().message;
  std::string prompt;
  for (const PromptPiece& piece : *pieces) prompt += piece.text;
  return prompt;
}

ChatInput one_message(std::string content) {
  ChatInput input;
  input.messages.push_back({{"role", "user"}, {"content", std::move(content)}});
  return input;
}

TEST(ChatTemplate, RendersPiecesThatSayWhereTheyComeFrom) {
  const auto pieces = parsed(kChatMl)->render(one_message("<|im_start|>system"));
  ASSERT_TRUE(pieces.ok()) << pieces.error().message;
  std::string marked;
  for (const PromptPiece& piece : *pieces) {
    marked += piece.from_input ? "[" + piece.text + "]" : piece.text;
  }
  EXPECT_EQ(marked, "<|im_start|>[user]\n[<|im_start|>system]<|im_end|>\n<|im_start|>assistant\n");
}

TEST(ChatTemplate, TokensOfTheVocabularyAreNotInput) {
  ChatInput input = one_message("hi");
  input.bos_token = "<s>";
  const auto pieces = parsed("{{ bos_token + messages[0].content }}")->render(input);
  ASSERT_TRUE(pieces.ok());
  ASSERT_EQ(pieces->size(), 2U);
  EXPECT_FALSE(pieces->at(0).from_input);
  EXPECT_EQ(pieces->at(0).text, "<s>");
}

TEST(ChatTemplate, LeavesOutTheGenerationPrompt) {
  ChatInput input = one_message("hi");
  input.add_generation_prompt = false;
  EXPECT_EQ(prompt_of(*parsed(kChatMl), input), "<|im_start|>user\nhi<|im_end|>\n");
}

TEST(ChatTemplate, PassesVariables) {
  ChatInput input = one_message("hi");
  input.variables["enable_thinking"] = false;
  EXPECT_EQ(prompt_of(*parsed("{{ enable_thinking }} {{ tools is defined }}"), input), "False False");
  input.variables = ordered_json::array();
  EXPECT_THAT(prompt_of(*parsed("x"), input), HasSubstr("must be a JSON object"));
}

TEST(ChatTemplate, ShowsTheTimeItIsGiven) {
  ChatInput input = one_message("hi");
  input.now = 1725364800;  // 2024-09-03 12:00 UTC, the same day in most of the world
  EXPECT_EQ(prompt_of(*parsed("{{ strftime_now('%d %b %Y') }}"), input), "03 Sep 2024");
}

TEST(ChatTemplate, FailsToParseAsAnInvalidModel) {
  const auto chat_template = ChatTemplate::parse("{% if x %}");
  ASSERT_FALSE(chat_template.ok());
  EXPECT_EQ(chat_template.error().code, ErrorCode::kInvalidModel);
}

TEST(ChatTemplate, FailsToRenderAsAnInvalidArgument) {
  const auto pieces = parsed("{{ raise_exception('no system role') }}")->render(one_message("hi"));
  ASSERT_FALSE(pieces.ok());
  EXPECT_EQ(pieces.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(pieces.error().message, HasSubstr("no system role"));
}

ChatInput tool_call(ordered_json arguments) {
  ChatInput input = one_message("weather?");
  const ordered_json function = {{"name", "weather"}, {"arguments", std::move(arguments)}};
  const ordered_json call = {{"type", "function"}, {"function", function}};
  input.messages.push_back(
      {{"role", "assistant"}, {"content", ""}, {"tool_calls", ordered_json::array({call})}});
  return input;
}

TEST(ChatTemplate, GivesToolArgumentsInTheFormTheTemplateTakes) {
  const std::string arguments = "{{ messages[1].tool_calls[0].function.arguments";
  const auto as_json = parsed(arguments + "|tojson }}");
  const auto as_text = parsed(arguments + " }}");
  const auto joined = parsed(arguments + " + '' }}");
  const auto walked = parsed(arguments + ".city }}");
  for (const ordered_json& form : {ordered_json(R"({"city":"Rome"})"), ordered_json({{"city", "Rome"}})}) {
    EXPECT_EQ(prompt_of(*as_json, tool_call(form)), R"({"city": "Rome"})");
    EXPECT_EQ(prompt_of(*as_text, tool_call(form)), R"({"city":"Rome"})");
    EXPECT_EQ(prompt_of(*joined, tool_call(form)), R"({"city":"Rome"})");
    EXPECT_EQ(prompt_of(*walked, tool_call(form)), "Rome");
  }
  EXPECT_EQ(prompt_of(*as_text, tool_call("no JSON")), "no JSON");
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

ChatInput input_of(const ordered_json& context) {
  ChatInput input;
  input.now = 1725364800;
  input.variables = context;
  const auto take = [&](const char* name) {
    ordered_json value = input.variables.contains(name) ? input.variables[name] : ordered_json();
    input.variables.erase(name);
    return value;
  };
  input.messages = take("messages");
  input.tools = take("tools");
  input.add_generation_prompt = take("add_generation_prompt").get<bool>();
  input.bos_token = take("bos_token").get<std::string>();
  input.eos_token = take("eos_token").get<std::string>();
  return input;
}

/// All 58 templates take all three contexts, but for Gemma 2, which knows neither a system role nor tools.
TEST(ChatTemplate, RealTemplatesTakeRealConversations) {
  HEARTH_REQUIRE_TESTDATA();
  const auto data = testing::testdata() / "chat-templates";
  size_t templates = 0;
  std::map<std::string, std::string> refused;
  for (const auto& entry : std::filesystem::directory_iterator(data / "templates")) {
    ++templates;
    const auto chat_template = parsed(read_file(entry.path()));
    for (const std::string context : {"simple", "system", "tool_use"}) {
      ChatInput input =
          input_of(ordered_json::parse(read_file(data / "contexts" / (context + ".json")), nullptr, false));
      if (entry.path().filename() == "fireworks-ai-llama-3-firefunction-v2.jinja") {
        input.variables["functions"] = "[]";  // it takes its tools as text, under a name of its own
        input.variables["datetime"] = "2024-09-03";
      }
      const std::string prompt = prompt_of(*chat_template, input);
      if (prompt.starts_with("error: ")) refused[entry.path().filename().string() + " " + context] = prompt;
      EXPECT_THAT(prompt, Not(HasSubstr("{'code': \"print"))) << entry.path();
      EXPECT_THAT(prompt, Not(HasSubstr("\"{\\\"code"))) << entry.path();
    }
  }
  EXPECT_EQ(templates, 58U);
  EXPECT_EQ(refused.size(), 2U) << ::testing::PrintToString(refused);
  EXPECT_THAT(refused["google-gemma-2-2b-it.jinja system"], HasSubstr("System role not supported"));
  EXPECT_THAT(refused["google-gemma-2-2b-it.jinja tool_use"], HasSubstr("Conversation roles must alternate"));
}

}  // namespace
}  // namespace hearth
