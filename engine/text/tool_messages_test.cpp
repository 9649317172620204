// Tools, calls and results in templates that show them, and in those that do not.
#include "engine/text/tool_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/testdata.h"
#include "engine/text/chat_template_testing.h"

namespace hearth::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kOnlyTalks =
    "{% for m in messages if m.role in ['user', 'assistant'] %}<{{ m.role }}>{{ m.content }}{% endfor %}";
constexpr std::string_view kOnlyResults = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}";
constexpr std::string_view kOneCall =
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}"
    "{% if m.tool_calls %}!{{ m.tool_calls[0].function.name }}{% endif %}{% endfor %}";
constexpr std::string_view kCallsOfNothing =
    "{% for m in messages %}<{{ m.role }}>{% if m.content is none %}{% for c in m.tool_calls %}"
    "!{{ c.function.name }}{% endfor %}{% else %}{{ m.content }}{% endif %}{% endfor %}";

ordered_json tool(std::string_view name) {
  const ordered_json parameters = {{"type", "object"}, {"properties", ordered_json::object()}};
  const ordered_json function = {{"name", name}, {"description", "looks up"}, {"parameters", parameters}};
  return {{"type", "function"}, {"function", function}};
}

ordered_json calling(const ordered_json& content, std::initializer_list<std::string_view> names) {
  ordered_json calls = ordered_json::array();
  for (const std::string_view name : names) {
    const ordered_json function = {{"name", name}, {"arguments", R"({"city": "Rome"})"}};
    calls.push_back({{"id", "abcdefghi"}, {"type", "function"}, {"function", function}});
  }
  ordered_json asking = message("assistant", content);
  asking["tool_calls"] = calls;
  return asking;
}

ordered_json after_question(const ordered_json& more) {
  return ordered_json::array({message("user", "Hi!"), more});
}

TEST(ToolMessages, ToolsAreRefusedByATemplateThatShowsNone) {
  ChatInput input = conversation(ordered_json::array({message("user", "Hi!")}));
  input.tools = ordered_json::array({tool("weather")});
  const auto pieces = parsed(kOnlyTalks)->render(input);
  ASSERT_FALSE(pieces.ok());
  EXPECT_EQ(pieces.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(pieces.error().message, HasSubstr("chat template shows no tools"));
  input.tools = ordered_json::array();
  EXPECT_EQ(prompt_of(*parsed(kOnlyTalks), input), "<user>Hi!");
}

TEST(ToolMessages, ResultsAreRefusedByATemplateThatShowsNone) {
  const ordered_json answered = after_question(message("tool", "20 degrees"));
  EXPECT_THAT(prompt_of(*parsed(kOnlyTalks), conversation(answered)),
              HasSubstr("messages[1] is a tool's result"));
  EXPECT_EQ(prompt_of(*parsed(kOnlyResults), conversation(answered)), "<user>Hi!<tool>20 degrees");
}

TEST(ToolMessages, CallsBecomeTextWhereTheTemplateShowsNone) {
  EXPECT_EQ(prompt_of(*parsed(kOnlyResults), conversation(after_question(calling(nullptr, {"sun", "rain"})))),
            "<user>Hi!<assistant>{\"name\":\"sun\",\"arguments\":{\"city\":\"Rome\"}}\n"
            "{\"name\":\"rain\",\"arguments\":{\"city\":\"Rome\"}}");
  EXPECT_THAT(prompt_of(*parsed(kOnlyResults), conversation(after_question(calling("I look.", {"sun"})))),
              HasSubstr("<assistant>I look.\n{\"name\":\"sun\""));
}

TEST(ToolMessages, SeveralCallsAreRefusedByATemplateThatShowsOne) {
  EXPECT_EQ(prompt_of(*parsed(kOneCall), conversation(after_question(calling("", {"sun"})))),
            "<user>Hi!<assistant>!sun");
  EXPECT_THAT(prompt_of(*parsed(kOneCall), conversation(after_question(calling("", {"sun", "rain"})))),
              HasSubstr("messages[1] makes 2 tool calls"));
}

TEST(ToolMessages, CallsHaveNoContentWhereTheTemplateWantsNone) {
  for (const ordered_json& nothing : {ordered_json(), ordered_json(""), ordered_json::array()}) {
    EXPECT_EQ(prompt_of(*parsed(kCallsOfNothing), conversation(after_question(calling(nothing, {"sun"})))),
              "<user>Hi!<assistant>!sun");
  }
}

TEST(ToolMessages, AreLostInNoRealTemplate) {
  HEARTH_REQUIRE_TESTDATA();
  for (const auto& [name, source] : real_templates()) {
    const auto chat_template = parsed(source);
    ChatInput input = conversation(after_question(calling(nullptr, {"tell_the_weather"})));
    input.messages.push_back({{"role", "tool"},
                              {"content", "20 degrees"},
                              {"tool_call_id", "abcdefghi"},
                              {"name", "tell_the_weather"}});
    input.variables = further_variables();
    const std::string prompt = prompt_of(*chat_template, input);
    if (prompt.starts_with("error: ")) {
      EXPECT_THAT(prompt, HasSubstr("messages[2] is a tool's result")) << name;
    } else {
      EXPECT_THAT(prompt, HasSubstr("tell_the_weather")) << name;
      EXPECT_THAT(prompt, HasSubstr("20 degrees")) << name;
    }
    input.messages = ordered_json::array({message("user", "Hi!")});
    input.tools = ordered_json::array({tool("tell_the_weather")});
    const std::string with_tools = prompt_of(*chat_template, input);
    if (with_tools.starts_with("error: ")) {
      EXPECT_THAT(with_tools, HasSubstr("chat template shows no tools")) << name;
    } else {
      EXPECT_THAT(with_tools, HasSubstr("tell_the_weather")) << name;
    }
  }
}

}  // namespace
}  // namespace hearth::testing
