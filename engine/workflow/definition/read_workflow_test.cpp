// What is a workflow, and what is told of a file that is none.
#include "engine/workflow/definition/read_workflow.h"

#include <gmock/gmock.h>

#include "engine/workflow/workflow_testing.h"

namespace hearth::workflow {
namespace {

using testing::document_of;
using testing::faults_of;
using testing::workflow_of;

TEST(ReadWorkflow, TellsAllThatIsWrongAtOnceWithItsPlace) {
  EXPECT_EQ(faults_of(R"(
name: [x]
nodes:
  - name: one
    uses: llm.cal
    wiht: {}
  - name: one
    type: while_loop
    body: []
  - {name: two, uses: return, with: {value: "{{ 1 + }}"}, goto: three}
)"),
            "2:7 wrong-type\n4:5 unknown-action\n6:5 unknown-key\n7:5 missing-key\n7:5 missing-key\n7:5 "
            "duplicate-node\n10:5 unreferenced-node\n10:45 bad-template\n10:65 unknown-node\n");
}

TEST(ReadWorkflow, NamesWhatMayHaveBeenMeant) {
  const Reading reading = read_workflow(document_of("nodes: [{name: start, goto: strat}]"), {});
  ASSERT_EQ(reading.faults.size(), 1U);
  EXPECT_EQ(reading.faults[0].message, "'start' leads to 'strat', which there is not; did you mean 'start'?");
  EXPECT_EQ(to_text(reading.faults, "x.yaml").substr(0, 14), "x.yaml:1:29: e");
}

TEST(ReadWorkflow, CodeIsUnsupportedNotWrong) {
  const Reading reading =
      read_workflow(document_of("nodes: [{name: a, language: lua, run: \"return {}\"}]"), {});
  ASSERT_EQ(reading.faults.size(), 1U);
  EXPECT_EQ(reading.faults[0].severity, Severity::kUnsupported);
  EXPECT_THAT(reading.faults[0].message, ::testing::HasSubstr("use an action, an expression or a function"));
  EXPECT_EQ(reading.workflow, nullptr);
}

TEST(ReadWorkflow, FunctionsOfTheHostAreActions) {
  EXPECT_EQ(faults_of("nodes: [{uses: mine.own}]", {"mine.own"}), "");
  EXPECT_EQ(faults_of("nodes: [{uses: mine.own}]"), "1:9 unknown-action\n");
}

TEST(ReadWorkflow, WhatNothingLeadsToIsAWarning) {
  const Reading reading = read_workflow(document_of(R"(
nodes: [{name: a}, {name: orphan}]
edges: [{from: __start__, to: a}, {from: a, to: __end__}]
)"),
                                        {});
  ASSERT_EQ(reading.faults.size(), 1U);
  EXPECT_EQ(reading.faults[0].rule, "unreferenced-node");
  EXPECT_NE(reading.workflow, nullptr);
}

TEST(ReadWorkflow, WhatNothingSetsIsAWarningWhereASchemaSaysWhatThereIs) {
  const std::string nodes = R"(
nodes:
  - {name: a, uses: llm.call, with: {prompt: "{{ state.question }}{{ state.quesiton }}"}, output: said}
  - {name: b, uses: llm.call, with: {prompt: "{{ state.said }}"}, output: again}
)";
  EXPECT_EQ(faults_of("state_schema: {question: str}" + nodes), "3:46 never-set\n");
  EXPECT_EQ(faults_of(nodes), "");
}

TEST(ReadWorkflow, SchemasMayNameTypesAsPythonDoes) {
  const auto workflow = workflow_of(R"(
state_schema: {question: str, counts: "list[int]"}
input_schema:
  question: {type: str, required: true, min_length: 1}
  format: {type: str, choices: [json, text], default: json}
nodes: []
)");
  using testing::Json;
  EXPECT_EQ(workflow->state_schema.json(), Json::parse(R"({"type": "object", "properties": {
    "question": {"type": ["string", "null"]},
    "counts": {"type": ["array", "null"], "items": {"type": ["integer", "null"]}}}})"));
  EXPECT_EQ(workflow->input_schema.json()["required"], Json::parse(R"(["question"])"));
  EXPECT_EQ(workflow->input_schema.json()["properties"]["format"]["enum"],
            Json::parse(R"(["json", "text"])"));
}

TEST(ReadWorkflow, BranchesMeetWhereAllWaysLead) {
  const auto workflow = workflow_of(R"(
nodes: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}, {name: f}]
edges:
  - {from: a, to: [b, c]}
  - {from: b, to: d, when: x}
  - {from: b, to: e}
  - {from: c, to: e}
  - {from: d, to: e}
  - {from: e, to: f}
)");
  EXPECT_EQ(workflow->graph.find("a")->join, "e");
}

}  // namespace
}  // namespace hearth::workflow
