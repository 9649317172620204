// The C interface of workflows, as a host drives it.
#include "engine/hearth_workflow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/workflow/yaml_events.h"

namespace hearth::workflow {
namespace {

using nlohmann::ordered_json;
using ::testing::HasSubstr;

struct FreeWorkflow {
  void operator()(hearth_workflow* workflow) const { hearth_workflow_free(workflow); }
  void operator()(hearth_workflow_run* run) const { hearth_workflow_run_free(run); }
};
using OwnedWorkflow = std::unique_ptr<hearth_workflow, FreeWorkflow>;
using OwnedRun = std::unique_ptr<hearth_workflow_run, FreeWorkflow>;

std::string taken(hearth_text text) {
  std::string copy(text.data, text.size);
  hearth_text_free(&text);
  return copy;
}

OwnedWorkflow created(const char* path, const char* functions = nullptr) {
  hearth_workflow* workflow = nullptr;
  EXPECT_EQ(hearth_workflow_create(path, functions, &workflow), HEARTH_OK) << hearth_error_message();
  return OwnedWorkflow(workflow);
}

std::string wanted(const OwnedWorkflow& workflow) {
  hearth_text path{};
  EXPECT_EQ(hearth_workflow_wanted(workflow.get(), &path), HEARTH_OK);
  return taken(path);
}

hearth_status add(const OwnedWorkflow& workflow, const std::string& yaml) {
  const std::string events = yaml_events(yaml, "test")->dump();
  return hearth_workflow_add(workflow.get(), events.data(), events.size());
}

ordered_json faults(const OwnedWorkflow& workflow) {
  hearth_text json{};
  EXPECT_EQ(hearth_workflow_faults(workflow.get(), &json), HEARTH_OK);
  return ordered_json::parse(taken(json));
}

OwnedRun started(const OwnedWorkflow& workflow, const std::string& input) {
  hearth_workflow_run* run = nullptr;
  EXPECT_EQ(hearth_workflow_start(workflow.get(), input.data(), input.size(), &run), HEARTH_OK)
      << hearth_error_message();
  return OwnedRun(run);
}

ordered_json advance(const OwnedRun& run) {
  hearth_text json{};
  EXPECT_EQ(hearth_workflow_run_advance(run.get(), 0, &json), HEARTH_OK) << hearth_error_message();
  return ordered_json::parse(taken(json));
}

hearth_status answer(const OwnedRun& run, const ordered_json& answer) {
  const std::string json = answer.dump();
  return hearth_workflow_run_answer(run.get(), json.data(), json.size());
}

/// The event of a kind; null where there is none.
ordered_json event_of(const ordered_json& advanced, const char* kind) {
  for (const ordered_json& event : advanced["events"]) {
    if (event["event"] == kind) return event;
  }
  return nullptr;
}

constexpr const char* kAsk =
    "name: ask\nnodes:\n"
    "- {name: double, uses: double, with: {x: '{{ state.x }}'}, output: y}\n"
    "- {name: stop, interrupt: before}\n";

TEST(WorkflowInterface, CallsItsHostAndGoesOnWithTheAnswer) {
  const OwnedWorkflow workflow = created("ask.yaml", R"(["double"])");
  EXPECT_EQ(wanted(workflow), "ask.yaml");
  ASSERT_EQ(add(workflow, kAsk), HEARTH_OK) << hearth_error_message();
  EXPECT_EQ(wanted(workflow), "");
  const OwnedRun run = started(workflow, R"({"x": 21})");
  const ordered_json call = event_of(advance(run), "call");
  EXPECT_EQ(call["request"]["parameters"], ordered_json({{"x", 21}}));
  ASSERT_EQ(answer(run, {{"id", call["id"]}, {"value", 42}}), HEARTH_OK) << hearth_error_message();
  const ordered_json last = advance(run);
  EXPECT_TRUE(last["ended"]);
  EXPECT_EQ(event_of(last, "interrupted")["state"]["y"], 42);
}

TEST(WorkflowInterface, GoesOnFromACheckpointWithAChangedState) {
  const OwnedWorkflow workflow = created("ask.yaml", R"(["double"])");
  ASSERT_EQ(add(workflow, kAsk), HEARTH_OK);
  const OwnedRun run = started(workflow, R"({"x": 21})");
  ASSERT_EQ(answer(run, {{"id", event_of(advance(run), "call")["id"]}, {"value", 42}}), HEARTH_OK);
  advance(run);
  hearth_text checkpoint{};
  ASSERT_EQ(hearth_workflow_run_checkpoint(run.get(), &checkpoint), HEARTH_OK);
  const std::string kept = R"({"changes": {"y": 43}, "checkpoint": )" + taken(checkpoint) + "}";
  hearth_workflow_run* resumed = nullptr;
  ASSERT_EQ(hearth_workflow_resume(workflow.get(), kept.data(), kept.size(), &resumed), HEARTH_OK)
      << hearth_error_message();
  const ordered_json last = advance(OwnedRun(resumed));
  EXPECT_EQ(event_of(last, "done")["state"], ordered_json({{"x", 21}, {"y", 43}}));
}

TEST(WorkflowInterface, AsksForFilesThatAreCalled) {
  const OwnedWorkflow workflow = created("https://host/flows/main.yaml");
  ASSERT_EQ(
      add(workflow, "nodes:\n- {name: a, subgraph: ../parts/one.yaml}\n- {name: b, subgraph: two.yaml}\n"),
      HEARTH_OK);
  EXPECT_EQ(wanted(workflow), "https://host/parts/one.yaml");
  ASSERT_EQ(add(workflow, "nodes:\n- {name: set, uses: state.set, with: {one: 1}}\n"), HEARTH_OK);
  EXPECT_EQ(wanted(workflow), "https://host/flows/two.yaml");
  ASSERT_EQ(hearth_workflow_refuse(workflow.get(), "the server has no two.yaml"), HEARTH_OK);
  EXPECT_EQ(wanted(workflow), "");
  const ordered_json all = faults(workflow);
  ASSERT_EQ(all.size(), 1U) << all;
  EXPECT_EQ(all[0]["file"], "https://host/flows/main.yaml");
  EXPECT_EQ(all[0]["line"], 3);
  EXPECT_EQ(all[0]["message"], "the server has no two.yaml");
  hearth_workflow_run* run = nullptr;
  EXPECT_EQ(hearth_workflow_start(workflow.get(), "{}", 2, &run), HEARTH_INVALID_ARGUMENT);
}

TEST(WorkflowInterface, SaysWhatItIsAndDrawsIt) {
  const OwnedWorkflow workflow = created("ask.yaml");
  ASSERT_EQ(add(workflow, "name: greet\ninput_schema: {who: str}\nnodes:\n- {name: hello, output: {}}\n"),
            HEARTH_OK)
      << hearth_error_message();
  hearth_text text{};
  ASSERT_EQ(hearth_workflow_info(workflow.get(), &text), HEARTH_OK);
  const ordered_json info = ordered_json::parse(taken(text));
  EXPECT_EQ(info["name"], "greet");
  EXPECT_EQ(info["runs"], true) << faults(workflow);
  EXPECT_TRUE(info["inputSchema"]["properties"].contains("who")) << info;
  ASSERT_EQ(hearth_workflow_graph(workflow.get(), "mermaid", &text), HEARTH_OK);
  EXPECT_THAT(taken(text), HasSubstr("hello"));
  ASSERT_EQ(hearth_workflow_graph(workflow.get(), "svg", &text), HEARTH_OK);
  EXPECT_THAT(taken(text), HasSubstr("<svg"));
  EXPECT_EQ(hearth_workflow_graph(workflow.get(), "png", &text), HEARTH_INVALID_ARGUMENT);
}

TEST(WorkflowInterface, RefusesWhatMakesNoSense) {
  hearth_workflow* none = nullptr;
  EXPECT_EQ(hearth_workflow_create("a.yaml", R"({"double": 1})", &none), HEARTH_INVALID_ARGUMENT);
  EXPECT_EQ(hearth_workflow_create(nullptr, nullptr, &none), HEARTH_INVALID_ARGUMENT);
  const OwnedWorkflow workflow = created("ask.yaml", R"(["double"])");
  hearth_workflow_run* run = nullptr;
  EXPECT_EQ(hearth_workflow_start(workflow.get(), "{}", 2, &run), HEARTH_INVALID_ARGUMENT);
  EXPECT_THAT(hearth_error_message(), HasSubstr("ask.yaml has not been given yet"));
  EXPECT_EQ(hearth_workflow_add(workflow.get(), "[[\"{\"", 5), HEARTH_INVALID_ARGUMENT);
  ASSERT_EQ(hearth_workflow_create("ask.yaml", R"(["double"])", &none), HEARTH_OK);
  const OwnedWorkflow other(none);
  ASSERT_EQ(add(other, kAsk), HEARTH_OK);
  EXPECT_EQ(hearth_workflow_add(other.get(), "[]", 2),
            HEARTH_INVALID_ARGUMENT);  // nothing is wanted any more
  const OwnedRun going = started(other, R"({"x": 1})");
  const ordered_json id = event_of(advance(going), "call")["id"];
  EXPECT_EQ(answer(going, {{"id", id}}), HEARTH_INVALID_ARGUMENT);
  EXPECT_EQ(answer(going, {{"id", id}, {"error", {{"code", "NO_SUCH"}, {"message", ""}}}}),
            HEARTH_INVALID_ARGUMENT);
  EXPECT_EQ(answer(going, {{"id", 12345}, {"value", 1}}), HEARTH_OK);
  hearth_text json{};
  EXPECT_EQ(hearth_workflow_run_advance(going.get(), -1, &json), HEARTH_INVALID_ARGUMENT);
  EXPECT_EQ(answer(going, {{"id", id}, {"error", {{"code", "IO"}, {"message", "no disk"}}}}), HEARTH_OK);
  EXPECT_EQ(event_of(advance(going), "error")["error"]["code"], "IO");
}

TEST(WorkflowInterface, CancelledEndsWithAborted) {
  const OwnedWorkflow workflow = created("ask.yaml", R"(["double"])");
  ASSERT_EQ(add(workflow, kAsk), HEARTH_OK);
  const OwnedRun run = started(workflow, R"({"x": 21})");
  advance(run);
  hearth_workflow_run_cancel(run.get());
  const ordered_json last = advance(run);
  EXPECT_EQ(event_of(last, "error")["error"]["code"], "ABORTED");
  EXPECT_NE(event_of(last, "cancel"), nullptr);
}

}  // namespace
}  // namespace hearth::workflow
