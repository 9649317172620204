// A strict rendering, as programs that are no chat templates want it: what is missing is an error that names
// what may be meant, keys come before methods, and an expression's value keeps its type.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/text/jinja/testing.h"
#include "engine/text/json_text.h"

namespace hearth::jinja {
namespace {

using nlohmann::ordered_json;

const ordered_json kNames = {{"state", {{"question", "why?"}, {"items", {1, 2}}, {"count", 3}}}};

/// The value of the one expression of a template, as JSON, or "error: " and the message.
std::string value_of(std::string_view expression) {
  const Result<Block> block = parse("{{" + std::string(expression) + "}}", Whitespace());
  if (!block.ok()) return "error: " + block.error().message;
  Interpreter interpreter(Limits(), testing::kNow, Manner::kStrict);
  for (auto entry = kNames.begin(); entry != kNames.end(); ++entry) {
    EXPECT_TRUE(interpreter.define_input(entry.key(), entry.value()).ok());
  }
  const Result<Value> value = interpreter.value_of(std::get<Output>(block->front().node).value);
  if (!value.ok()) return "error: " + value.error().message;
  const Result<ordered_json> json = interpreter.json_of(*value);
  return json.ok() ? write_json(*json) : "error: " + json.error().message;
}

std::string strictly_rendered(std::string_view source) {
  const Result<Block> block = parse(source, Whitespace());
  Interpreter interpreter(Limits(), testing::kNow, Manner::kStrict);
  EXPECT_TRUE(interpreter.define_input("state", kNames["state"]).ok());
  const Result<Text> text = interpreter.render(*block);
  return text.ok() ? std::string(text->bytes()) : "error: " + text.error().message;
}

TEST(StrictJinja, AValueKeepsItsType) {
  EXPECT_EQ(value_of("state.count + 1"), "4");
  EXPECT_EQ(value_of("state.count / 2"), "1.5");
  EXPECT_EQ(value_of("state.count > 2 and 'why' in state.question"), "true");
  EXPECT_EQ(value_of("{'a': (1, none), 2: state.question}"), R"({"a":[1,null],"2":"why?"})");
  EXPECT_EQ(value_of("10 ** 30"), "1000000000000000000000000000000");
}

TEST(StrictJinja, KeysComeBeforeMethods) {
  EXPECT_EQ(value_of("state.items"), "[1,2]");
  EXPECT_EQ(value_of("state.get('count')"), "3");
  EXPECT_EQ(value_of("state.keys() | list"), R"(["question","items","count"])");
}

TEST(StrictJinja, WhatIsMissingIsAnErrorThatNamesTheNearest) {
  const std::string told = "line 1: attribute 'quesiton' of a dict is undefined; did you mean 'question'?";
  EXPECT_EQ(value_of("state.quesiton"), "error: " + told);
  EXPECT_EQ(value_of("stat.count"), "error: line 1: 'stat' is undefined; did you mean 'state'?");
  EXPECT_EQ(strictly_rendered("Q: {{ state.quesiton }}"), "error: " + told);
  EXPECT_EQ(strictly_rendered("{% if state.quesiton %}x{% endif %}"), "error: " + told);
  for (const auto* expression : {"not state.quesiton", "state.quesiton == 'x'", "state.quesiton and true",
                                 "1 if state.quesiton else 2", "[] or state.quesiton"}) {
    EXPECT_TRUE(value_of(expression).starts_with("error: ")) << expression;
  }
}

TEST(StrictJinja, WhatIsMissingMayBeAskedFor) {
  EXPECT_EQ(value_of("state.quesiton | default('none')"), R"("none")");
  EXPECT_EQ(value_of("state.quesiton is defined"), "false");
  EXPECT_EQ(value_of("state.get('quesiton', 7)"), "7");
}

TEST(StrictJinja, WhatIsNoDataIsNoValue) {
  EXPECT_EQ(value_of("range"), "error: line 1: a function is no value of JSON");
  EXPECT_EQ(value_of("1e999"), "error: line 1: a float is no value of JSON");
}

}  // namespace
}  // namespace hearth::jinja
