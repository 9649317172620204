#include <gtest/gtest.h>

#include <string>

#include "engine/text/answer/answer_format.h"
#include "engine/text/answer/answer_reading.h"
#include "engine/text/chat_template_testing.h"

namespace hearth::testing {
namespace {

constexpr std::string_view kQuestionText = "QuestionThatIsAsked";

ordered_json call_of(const std::string& name, const std::string& id) {
  const ordered_json arguments = {
      {"city", "Rome"}, {"days", 3}, {"flags", ordered_json::array({true, nullptr, {{"a", 1.5}}})}};
  return {{"id", id}, {"type", "function"}, {"function", {{"name", name}, {"arguments", arguments}}}};
}

ordered_json weather_tools() {
  const ordered_json properties = {{"city", {{"type", "string"}, {"description", "a"}}},
                                   {"days", {{"type", "integer"}, {"description", "b"}}},
                                   {"flags", {{"type", "array"}, {"description", "c"}}}};
  const ordered_json parameters = {
      {"type", "object"}, {"properties", properties}, {"required", ordered_json::array({"city"})}};
  const ordered_json function = {{"name", "weather"}, {"description", "tells"}, {"parameters", parameters}};
  return ordered_json::array({{{"type", "function"}, {"function", function}}});
}

TEST(FindAnswerFormat, NothingIsFoundInATemplateThatShowsNothing) {
  const AnswerFormat format = find_answer_format(*parsed("{{ messages[0].content }}"));
  EXPECT_EQ(format.name, "");
  EXPECT_TRUE(format.calls.empty());
  EXPECT_EQ(format.reasoning.end, "");
}

TEST(FindAnswerFormat, MarksMayBePutTogetherByTheTemplate) {
  const auto chat_template = parsed(
      "{% for m in messages %}{{ m.content }}{% for c in m.tool_calls or [] %}{{ '<tool' + '_call>' + "
      "c.function.name }}{% endfor %}{% endfor %}");
  EXPECT_EQ(find_answer_format(*chat_template).name, "hermes");
}

TEST(FindAnswerFormat, BegunAnswersAreWhatStandsBehindTheHeader) {
  const auto chat_template = parsed(
      "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
      "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}");
  const AnswerFormat format = find_answer_format(*chat_template);
  EXPECT_EQ(begun_answer(format, "<|im_end|>\n<|im_start|>assistant\n<think>\n"), "<think>\n");
  EXPECT_EQ(begun_answer(format, "<|im_start|>assistant\nSo"), "So");
  EXPECT_EQ(without_header(format, "<|im_start|>assistant\nSo"), "So");
  EXPECT_EQ(without_header(format, "tell me"), "tell me");
}

/// What real templates show of a call is read as that call.
TEST(FindAnswerFormat, RealTemplatesCallsAreReadBack) {
  HEARTH_REQUIRE_TESTDATA();
  size_t shown = 0;
  for (const auto& [name, source] : real_templates()) {
    const auto chat_template = parsed(source);
    if (!chat_template->capabilities().calls) continue;
    ChatInput input = conversation(ordered_json::array({message("user", kQuestionText)}));
    if (chat_template->capabilities().tools) input.tools = weather_tools();
    input.add_generation_prompt = false;
    ordered_json answer = message("assistant", "");
    answer["reasoning_content"] = "thought";
    answer["tool_calls"] = ordered_json::array({call_of("weather", "123456789")});
    input.messages.push_back(answer);
    const std::string prompt = prompt_of(*chat_template, input);
    const size_t asked = prompt.rfind(kQuestionText);
    if (asked == std::string::npos || prompt.find("weather", asked) == std::string::npos) continue;
    ++shown;
    const AnswerFormat format = find_answer_format(*chat_template);
    EXPECT_NE(format.name, "") << name;
    AnswerOptions options;
    options.tools = ToolSchemas(weather_tools());
    AnswerParser parser(format, options);
    Answer read;
    const std::string tail = prompt.substr(asked + kQuestionText.size());
    for (const AnswerDelta& delta : parser.push(begun_answer(format, tail))) read.add(delta);
    for (const AnswerDelta& delta : parser.finish()) read.add(delta);
    EXPECT_EQ(read.calls.size(), 1U) << name << ": " << tail;
    if (read.calls.size() != 1) continue;
    EXPECT_EQ(read.calls[0].name, "weather") << name;
    EXPECT_EQ(to_json(read.calls)[0]["arguments"], answer["tool_calls"][0]["function"]["arguments"])
        << name << ": " << read.calls[0].arguments;
  }
  EXPECT_GT(shown, 40U);
}

}  // namespace
}  // namespace hearth::testing
