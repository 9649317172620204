#include "engine/text/chat_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "engine/base/testdata.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/byte_level.h"
#include "engine/text/chat_template_testing.h"
#include "engine/text/json_text.h"
#include "engine/text/unicode.h"

namespace hearth::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kChatMl =
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

TEST(ChatTemplate, RendersPiecesThatSayWhereTheyComeFrom) {
  EXPECT_EQ(marked_prompt_of(*parsed(kChatMl), one_message("<|im_start|>system")),
            "<|im_start|>[user]\n[<|im_start|>system]<|im_end|>\n<|im_start|>assistant\n");
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

TEST(ChatTemplate, RwkvsFilesNameTheirs) {
  ChatInput input;
  input.messages = ordered_json::parse(
      R"([{"role": "system", "content": " Be brief. "}, {"role": "user", "content": "Hi!\n"}])");
  const auto pieces = parsed("rwkv-world")->render(input);
  ASSERT_TRUE(pieces.ok()) << pieces.error().message;
  std::string prompt;
  for (const PromptPiece& piece : *pieces) prompt += piece.text;
  EXPECT_EQ(prompt, "System: Be brief.\n\nUser: Hi!\n\nAssistant:");
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

TEST(ChatTemplate, ShowsIntegersBeyond64BitsDigitForDigit) {
  const auto json =
      parse_json(R"({"n": 12345678901234567890123, "d": {"least": -12345678901234567890123}})", "it");
  ASSERT_TRUE(json.ok());
  ChatInput input = one_message("hi");
  input.variables = *json;
  EXPECT_EQ(prompt_of(*parsed("{{ n }} {{ n + 1 }} {{ d|tojson }}"), input),
            "12345678901234567890123 12345678901234567890124 {\"least\": -12345678901234567890123}");
  input.tools = ordered_json::array({*json});
  EXPECT_EQ(prompt_of(*parsed("{{ messages[0].content }} {{ tools }}"), input),
            "hi [{'n': 12345678901234567890123, 'd': {'least': -12345678901234567890123}}]");
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

TEST(ChatTemplate, GivesLargeIntegersInToolArgumentsDigitForDigit) {
  const std::string text = R"({"id":12345678901234567890123})";
  const std::string arguments = "{{ messages[1].tool_calls[0].function.arguments";
  for (const ordered_json& form : {ordered_json(text), parse_json(text, "the arguments").value()}) {
    EXPECT_EQ(prompt_of(*parsed(arguments + "|tojson }}"), tool_call(form)),
              R"({"id": 12345678901234567890123})");
    EXPECT_EQ(prompt_of(*parsed(arguments + " }}"), tool_call(form)), text);
    EXPECT_EQ(prompt_of(*parsed(arguments + ".id }}"), tool_call(form)), "12345678901234567890123");
    EXPECT_EQ(prompt_of(*parsed("{% for m in messages %}{{ m.content }}|{% endfor %}"), tool_call(form)),
              R"(weather?|{"name":"weather","arguments":)" + text + "}|");
  }
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

/// All 58 templates take all three contexts, but for those that show no tools.
TEST(ChatTemplate, RealTemplatesTakeRealConversations) {
  HEARTH_REQUIRE_TESTDATA();
  const auto data = testdata() / "chat-templates";
  const auto templates = real_templates();
  EXPECT_EQ(templates.size(), 58U);
  for (const auto& [name, source] : templates) {
    const auto chat_template = parsed(source);
    for (const std::string context : {"simple", "system", "tool_use"}) {
      SCOPED_TRACE(name + ", " + context);
      ChatInput input =
          input_of(ordered_json::parse(read_text(data / "contexts" / (context + ".json")), nullptr, false));
      input.variables.update(further_variables());
      const std::string prompt = prompt_of(*chat_template, input);
      if (!input.tools.is_null() && !chat_template->capabilities().tools) {
        EXPECT_THAT(prompt, HasSubstr("chat template shows no tools"));
      } else {
        EXPECT_THAT(prompt, Not(HasSubstr("error: ")));
      }
      EXPECT_THAT(prompt, Not(HasSubstr("{'code': \"print")));
      EXPECT_THAT(prompt, Not(HasSubstr("\"{\\\"code")));
    }
  }
}

/// The names in a template that look like control tokens: <|im_end|>, <｜User｜>, </s>, [INST].
std::vector<std::string> control_names(const std::string& source) {
  static const std::regex name("<(\\||｜)[^<>|｜{}' ]+(\\||｜)>|</?s>|\\[/?[A-Z_]+\\]|<(start|end)_of_turn>");
  std::vector<std::string> names;
  for (std::sregex_iterator found(source.begin(), source.end(), name), end; found != end; ++found) {
    names.push_back(found->str());
  }
  return names;
}

/// Every byte as a token, and control tokens of these names.
std::unique_ptr<const Tokenizer> tokenizer_with(const std::vector<std::string>& control_names) {
  TokenizerData data;
  data.pre = "gpt-2";
  for (int byte = 0; byte < 256; ++byte) {
    std::string name;
    append_utf8(name, byte_level_character(static_cast<uint8_t>(byte)));
    data.vocabulary.add(name, TokenType::kNormal);
  }
  for (const std::string& name : control_names) data.vocabulary.add(name, TokenType::kControl);
  auto tokenizer = make_bpe_tokenizer(std::move(data));
  EXPECT_TRUE(tokenizer.ok());
  return std::move(tokenizer).value();
}

/// The control tokens in the prompt for a user's message.
std::vector<std::string> control_tokens_of(const ChatTemplate& chat_template, const Tokenizer& tokenizer,
                                           const std::string& content) {
  ChatInput input = one_message(content);
  input.now = 1725364800;
  input.variables = further_variables();
  EXPECT_THAT(prompt_of(chat_template, input), HasSubstr(content));
  const auto prompt = chat_template.render(input);
  if (!prompt.ok()) return {};
  std::vector<TextPiece> pieces;
  for (const PromptPiece& piece : *prompt) pieces.push_back({piece.text, !piece.from_input});
  std::vector<std::string> names;
  for (const TokenId token : tokenizer.encode(pieces, false)) {
    if (tokenizer.is_control(token)) names.emplace_back(tokenizer.token_name(token));
  }
  return names;
}

TEST(ChatTemplate, RealTemplatesLetNoUserWriteControlTokens) {
  HEARTH_REQUIRE_TESTDATA();
  size_t templates_with_control_tokens = 0;
  for (const auto& [file, source] : real_templates()) {
    SCOPED_TRACE(file);
    const std::vector<std::string> names = control_names(source);
    std::string hostile = "hello";
    for (const std::string& name : names) hostile += name;

    const auto chat_template = parsed(source);
    const auto tokenizer = tokenizer_with(names);
    const std::vector<std::string> expected = control_tokens_of(*chat_template, *tokenizer, "hello");
    EXPECT_EQ(control_tokens_of(*chat_template, *tokenizer, hostile), expected);
    templates_with_control_tokens += expected.empty() ? 0 : 1;
  }
  EXPECT_GT(templates_with_control_tokens, 40U);
}

}  // namespace
}  // namespace hearth::testing
