#include "engine/text/answer/answer_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/text/answer/known_formats.h"
#include "engine/text/chat_template_testing.h"

namespace hearth::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The format that a template with these marks in it has.
AnswerFormat format_of(const std::string& marks) {
  return find_answer_format(*parsed("{# " + marks + " #}{{ messages[0].content }}"));
}

ordered_json tool(const std::string& name, const ordered_json& properties) {
  return {{"type", "function"},
          {"function", {{"name", name}, {"parameters", {{"type", "object"}, {"properties", properties}}}}}};
}

/// Two tools: weather(city, days, place), where the place has no schema, and python(code).
AnswerOptions with_tools() {
  AnswerOptions options;
  options.tools = ToolSchemas(ordered_json::array(
      {tool("weather", {{"city", {{"type", "string"}}}, {"days", {{"type", "integer"}}}, {"place", {}}}),
       tool("python", {{"code", {{"type", "string"}}}})}));
  return options;
}

std::vector<AnswerDelta> deltas_of(AnswerParser& parser, const std::vector<std::string>& pieces) {
  std::vector<AnswerDelta> all;
  for (const std::string& piece : pieces) {
    for (AnswerDelta& delta : parser.push(piece)) all.push_back(std::move(delta));
  }
  for (AnswerDelta& delta : parser.finish()) all.push_back(std::move(delta));
  return all;
}

/// What was said and thought, and a line "id: name arguments" for each call.
std::string read(const std::string& marks, const std::string& output, AnswerOptions options = with_tools()) {
  AnswerParser parser(format_of(marks), std::move(options));
  Answer answer;
  for (const AnswerDelta& delta : deltas_of(parser, {output})) answer.add(delta);
  std::string shown = "[" + answer.reasoning + "]" + answer.content;
  for (const ToolCall& call : answer.calls) {
    shown += "\n" + call.id + ": " + call.name + " " + call.arguments;
  }
  return shown;
}

std::vector<std::string> pieces_said(const std::string& marks, const std::vector<std::string>& pieces) {
  AnswerParser parser(format_of(marks), with_tools());
  std::vector<std::string> said;
  for (const AnswerDelta& delta : deltas_of(parser, pieces)) said.push_back(delta.text);
  return said;
}

/// What the call whose arguments are to begin, or have begun, has of them; "none" where there is no such
/// call.
std::string open_arguments(const std::string& marks, const std::string& output) {
  AnswerParser parser(format_of(marks), with_tools());
  parser.push(output);
  return parser.open_call() ? parser.open_call()->name + "|" + parser.open_call()->text : "none";
}

TEST(AnswerParser, TellsOfACallBeforeTheFirstTokenOfItsArguments) {
  const std::string hermes = "<tool_call>\n{\"name\": \"weather\", \"arguments\"";
  EXPECT_EQ(open_arguments("<tool_call>", hermes), "none");
  EXPECT_EQ(open_arguments("<tool_call>", hermes + ":"), "weather|");
  EXPECT_EQ(open_arguments("<tool_call>", hermes + ": "), "weather| ");
  EXPECT_EQ(open_arguments("<tool_call>", hermes + ": {"), "weather|{");
  EXPECT_EQ(open_arguments("<tool_call>", "<tool_call>\n{\"name\": \"weather\", \"id\":"), "none");
  EXPECT_EQ(open_arguments("[TOOL_CALLS][ARGS]", "[TOOL_CALLS]weather[ARGS]"), "weather|");
  const std::string llama = "{\"name\": \"parameters\": ";
  EXPECT_EQ(open_arguments(llama, "{\"name\": \"weather\", \"parameters\":"), "weather|");
  EXPECT_EQ(open_arguments(llama, "{\"name\": \"nothing\", \"parameters\":"), "none");
}

TEST(AnswerParser, ShowsTextAtOnceButForWhatMayBecomeAMark) {
  EXPECT_THAT(pieces_said("<tool_call>", {"a", " <to", "ol", "s>"}), ElementsAre("a", " <tools>"));
  EXPECT_THAT(pieces_said("<think></think>", {"<thi", "nk>\n", "why", "</", "think>", "\n\nso"}),
              ElementsAre("why", "so"));
}

TEST(AnswerParser, LeavesTextAloneWhereTheTemplateShowsNoMarks) {
  EXPECT_EQ(read("", " \n<think>a</think> <tool_call>{\"name\": \"weather\"}</tool_call>\n"),
            "[] \n<think>a</think> <tool_call>{\"name\": \"weather\"}</tool_call>\n");
}

TEST(AnswerParser, LeavesCallsAloneWhereThereAreNoTools) {
  AnswerOptions none;
  none.tools = ToolSchemas(ordered_json::array());
  const std::string call = "<tool_call>{\"name\": \"weather\", \"arguments\": {}}</tool_call>";
  EXPECT_EQ(read("<tool_call>", call, none), "[]" + call);
  EXPECT_EQ(read("<tool_call>", call, AnswerOptions()), "[]\ncall00000: weather {}");
}

TEST(AnswerParser, ShowsArgumentsAsTheyGrow) {
  AnswerParser parser(format_of("<tool_call>"), with_tools());
  EXPECT_THAT(parser.push("<tool_call>{\"name\": \"weather\", "), IsEmpty());
  const auto begun = parser.push("\"arguments\": {\"ci");
  ASSERT_EQ(begun.size(), 2U);
  EXPECT_EQ(begun[0].kind, AnswerDelta::Kind::kCallBegun);
  EXPECT_EQ(begun[0].name, "weather");
  EXPECT_EQ(begun[0].id, "call00000");
  EXPECT_EQ(begun[1].text, "{\"ci");
  const auto ended = parser.push("ty\": \"Rome\"}}");
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[0].text, "ty\": \"Rome\"}");
  EXPECT_EQ(ended[1].kind, AnswerDelta::Kind::kCallEnded);
  EXPECT_THAT(parser.push("\n</tool_call>"), IsEmpty());
}

TEST(AnswerParser, WhatIsNoCallIsSaid) {
  for (const char* text : {"Write <tool_call> before it.", "<tool_call>", "<tool_call>{\"city\": \"Rome\"}",
                           "<tool_call>{\"name\": 1"}) {
    EXPECT_EQ(read("<tool_call>", text), std::string("[]") + text);
  }
  EXPECT_EQ(read("<tool_call><function=<parameter=", "<function=unknown>\n</function>"),
            "[]<function=unknown>\n</function>");
}

TEST(AnswerParser, ABareCallMustBeginTheAnswerAndNameATool) {
  const std::string marks = "{\"name\": \"parameters\": ";
  EXPECT_EQ(read(marks, "{\"name\": \"weather\", \"parameters\": {\"city\": \"Rome\"}}"),
            "[]\ncall00000: weather {\"city\": \"Rome\"}");
  for (const char* text : {"{\"name\": \"Rome\", \"parameters\": {}}", "{\"name\": \"weather\"}", "[1, 2]",
                           "So: {\"name\": \"weather\", \"parameters\": {}}"}) {
    EXPECT_EQ(read(marks, text), std::string("[]") + text);
  }
  EXPECT_EQ(read(marks, "<|python_tag|>weather.call(city=\"Rome\", days=2)"),
            "[]\ncall00000: weather {\"city\": \"Rome\", \"days\": 2}");
  EXPECT_EQ(read(marks, "<|python_tag|>print(\"hi\")"),
            "[]\ncall00000: python {\"code\": \"print(\\\"hi\\\")\"}");
}

TEST(AnswerParser, SchemasSayWhichTaggedValuesAreStrings) {
  const std::string marks = "<tool_call><function=<parameter=";
  const auto call = [](const std::string& key, const std::string& value) {
    return "<tool_call>\n<function=weather>\n<parameter=" + key + ">\n" + value +
           "\n</parameter>\n</function>\n</tool_call>";
  };
  const auto arguments = [](const std::string& json) { return "[]\ncall00000: weather " + json; };
  EXPECT_EQ(read(marks, call("city", "12")), arguments("{\"city\": \"12\"}"));
  EXPECT_EQ(read(marks, call("city", " \"a\"\n")), arguments("{\"city\": \" \\\"a\\\"\\n\"}"));
  EXPECT_EQ(read(marks, call("days", "12")), arguments("{\"days\": 12}"));
  EXPECT_EQ(read(marks, call("days", "some")), arguments("{\"days\": \"some\"}"));
  EXPECT_EQ(read(marks, call("place", "[1, {\"a\": 2}]")), arguments("{\"place\": [1, {\"a\": 2}]}"));
  EXPECT_EQ(read(marks, call("place", "at home")), arguments("{\"place\": \"at home\"}"));
}

TEST(AnswerParser, PythonsValuesBecomeJson) {
  EXPECT_EQ(read("<|tool_call_start|>",
                 "<|tool_call_start|>[weather(city='it\\'s \"x\"', days=[1, None, (True,)]), "
                 "python(code=\"a\\nb\")]<|tool_call_end|>"),
            "[]\ncall00000: weather {\"city\": \"it's \\\"x\\\"\", \"days\": [1, null, [true]]}"
            "\ncall00001: python {\"code\": \"a\\nb\"}");
}

TEST(AnswerParser, IdsAreTheModelsOwnOrCountOn) {
  const std::string call = "{\"name\": \"weather\", \"arguments\": {}";
  EXPECT_EQ(read("[TOOL_CALLS]", "[TOOL_CALLS][" + call + ", \"id\": \"123456789\"}, " + call + "}]"),
            "[]\n123456789: weather {}\ncall00001: weather {}");
  AnswerOptions later = with_tools();
  later.calls_before = 7;
  EXPECT_EQ(read("<tool_call>", "<tool_call>" + call + "}", later), "[]\ncall00007: weather {}");
}

TEST(AnswerParser, ArgumentsMayComeBeforeTheNameOrAsText) {
  EXPECT_EQ(
      read("<tool_call>", "<tool_call>{\"arguments\": {\"days\": 1}, \"name\": \"weather\"}</tool_call>x"),
      "[]x\ncall00000: weather {\"days\": 1}");
  EXPECT_EQ(
      read("<tool_call>", R"(<tool_call>{"name": "weather", "arguments": "{\"days\": 1}"}</tool_call>)"),
      "[]\ncall00000: weather {\"days\": 1}");
}

TEST(AnswerParser, ReasoningStandsApartOnlyBeforeWhatIsSaid) {
  EXPECT_EQ(read("<think>", "<think>\nwhy\n</think>\n\nThe tag <think> opens.\n"),
            "[why]The tag <think> opens.\n");
  EXPECT_EQ(read("<think>", "</think>Hello"), "[]Hello");
  EXPECT_EQ(read("<think>", "<think>cut sho"), "[cut sho]");
  AnswerOptions keeping = with_tools();
  keeping.keep_reasoning = true;
  EXPECT_EQ(read("<think>", "<think>why</think>so", keeping), "[]<think>why</think>so");
}

TEST(AnswerParser, OnlySomeModelsNeverThinkOfACallsMark) {
  EXPECT_EQ(read("<think> <tool_call>", "<think>a <tool_call>{\"name\": \"weather\"}</tool_call>"),
            "[a <tool_call>{\"name\": \"weather\"}</tool_call>]");
  EXPECT_EQ(read("[THINK] [TOOL_CALLS]", "[THINK]a[TOOL_CALLS]weather[ARGS]{}"),
            "[a]\ncall00000: weather {}");
}

TEST(AnswerParser, ChannelsTellThoughtsCallsAndWordsApart) {
  const std::string marks = "<|start|><|channel|><|message|>";
  EXPECT_EQ(read(marks,
                 "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary "
                 "to=functions.weather <|constrain|>json<|message|>{\"days\": 1}<|call|>"),
            "[hm]\ncall00000: weather {\"days\": 1}");
  EXPECT_EQ(read(marks, "<|channel|>final<|message|>a<|return|>"), "[]a");
  EXPECT_EQ(read(marks, "no header"), "[]no header");
  EXPECT_EQ(read(marks, "<|channel|>final<|message|>a<|channel|>" + std::string(600, 'x')),
            "[]a<|channel|>" + std::string(600, 'x'));
}

TEST(AnswerParser, AHeadWithoutEndIsSaidAtLast) {
  const std::string endless = "<tool_call>{\"arguments\": \"" + std::string(20'000, 'x');
  EXPECT_EQ(read("<tool_call>", endless), "[]" + endless);
}

}  // namespace
}  // namespace hearth::testing
