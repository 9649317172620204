// Schemas of the input and of the state, in a run.
#include "engine/workflow/workflow_testing.h"

namespace hearth::workflow {
namespace {

using testing::Json;
using testing::play;
using testing::Played;
using testing::workflow_of;

constexpr const char* kWorkflow = R"(
input_schema:
  question: {type: str, required: true, min_length: 2}
  format: {type: str, default: text}
state_schema: {count: int, names: "list[str]"}
nodes:
  - {name: one, uses: state.set, with: {count: "{{ state.given | default(1) }}"}}
)";

std::string start_error(Json input) {
  const auto workflow = workflow_of(kWorkflow);
  const auto run = Run::start(*workflow, std::move(input));
  return run.ok() ? "" : run.error().message;
}

TEST(RunSchema, TheInputIsHeldToItAndGetsItsDefaults) {
  EXPECT_EQ(start_error(Json::object()), "input must have 'question'");
  EXPECT_EQ(start_error({{"question", "a"}}), "input.question must have at least 2 characters, not 1");
  EXPECT_EQ(start_error({{"question", "why"}, {"names", {"a", 1}}}),
            "state.names[1] must be string or null, not 1");
  EXPECT_EQ(play(kWorkflow, {{"question", "why"}}).last["state"],
            Json::parse(R"({"question": "why", "format": "text", "count": 1})"));
}

TEST(RunSchema, ANodeWhoseOutputDoesNotKeepToItFails) {
  const Played played = play(kWorkflow, {{"question", "why"}, {"given", "many"}});
  EXPECT_EQ(played.last["error"]["message"],
            "node 'one' (line 7): state.count must be integer or null, not \"many\"");
}

TEST(RunSchema, WhatDoesNotKeepToItIsNotInTheState) {
  const Played played = play(R"(
state_schema: {count: int}
nodes:
  - name: one
    uses: state.set
    with: {count: many, other: 1}
    error_policy: {on_failure: continue}
  - {name: two}
)");
  EXPECT_EQ(played.last["state"], Json::object());
}

}  // namespace
}  // namespace hearth::workflow
