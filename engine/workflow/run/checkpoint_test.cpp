// What a run writes down, and going on from it.
#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>

#include "engine/workflow/run/run.h"
#include "engine/workflow/workflow_testing.h"

namespace hearth::workflow {
namespace {

using ::testing::HasSubstr;
using testing::Host;
using testing::Json;
using testing::workflow_of;

TEST(Checkpoint, AnInterruptStopsAndARunGoesOnFromThere) {
  const auto workflow = workflow_of(R"(
nodes:
  - {name: ask, uses: state.set, with: {question: why}, interrupt: after}
  - {name: tell, run: {type: expression, value: "question ~ answer", output_key: told}}
)");
  const auto run = std::move(Run::start(*workflow, Json::object())).value();
  Host host;
  EXPECT_EQ(host.drive(*run)["event"], "interrupted");
  const Json checkpoint = run->checkpoint();
  const auto resumed = std::move(Run::resume(*workflow, checkpoint, {{"answer", " not?"}})).value();
  Host later;
  EXPECT_EQ(later.drive(*resumed)["state"]["told"], "why not?");
  EXPECT_EQ(later.path(), "tell");
}

/// Runs a workflow again and again from its checkpoints, each after one more event, as if it had been killed.
TEST(Checkpoint, GoesOnFromAnywhereAndRepeatsNoNodeThatEnded) {
  const auto workflow = workflow_of(R"(
settings: {parallel: {merge_strategy: last_write_wins}}
nodes:
  - {name: start, uses: state.set, with: {n: 0}}
  - {name: left, uses: llm.call, with: {prompt: l}, output: l}
  - {name: right, uses: llm.call, with: {prompt: r}, output: r}
  - name: loop
    type: while_loop
    condition: n < 3
    max_iterations: 5
    body:
      - {name: up, run: {type: expression, value: n + 1, output_key: n}}
      - {name: said, uses: llm.call, with: {prompt: "{{ n }}"}, output: "s"}
  - name: items
    type: dynamic_parallel
    items: [a, b, c]
    max_concurrency: 2
    steps: [{name: item, uses: llm.call, with: {prompt: "{{ item }}"}, output: x}]
    output: xs
edges:
  - {from: start, to: [left, right]}
  - {from: [left, right], to: loop}
  - {from: loop, to: items}
)");
  Host whole;
  const auto run = std::move(Run::start(*workflow, Json::object())).value();
  const Json expected = whole.drive(*run)["state"];
  auto restarted = std::move(Run::start(*workflow, Json::object())).value();
  std::map<std::string, int> finished;
  Json last = Json::object();
  for (int deaths = 0; deaths < 500 && last.value("event", "") != "done"; ++deaths) {
    // It dies as soon as one more node has ended, with whatever else was going on.
    bool has_progress = false;
    while (!has_progress && !restarted->has_ended()) {
      for (const Json& event : restarted->advance(deaths)) {
        if (event["event"] == "call") restarted->answer(event["id"], *Host().answer(event));
        if (event["event"] == "node_finished") {
          has_progress = true;
          ++finished[event["node"].get<std::string>()];
        }
        last = event;
      }
    }
    if (!restarted->has_ended())
      restarted = std::move(Run::resume(*workflow, restarted->checkpoint(), Json::object())).value();
  }
  EXPECT_EQ(last["state"], expected);
  EXPECT_EQ(finished["left"] + finished["right"], 2);
  EXPECT_EQ(finished["up"], 3);
  EXPECT_EQ(finished["item"], 3);
}

TEST(Checkpoint, ACheckpointThatDoesNotFitIsRefused) {
  const auto workflow = workflow_of("nodes: [{name: a, interrupt: before}]");
  const auto run = std::move(Run::start(*workflow, Json::object())).value();
  Host().drive(*run);
  const Json good = run->checkpoint();
  EXPECT_TRUE(Run::resume(*workflow, good, Json::object()).ok());
  const auto refused = [&](const char* patch) {
    Json bad = good;
    bad.merge_patch(Json::parse(patch));
    return !Run::resume(*workflow, bad, Json::object()).ok();
  };
  EXPECT_TRUE(refused(R"({"version": 2})"));
  EXPECT_TRUE(refused(R"({"task": null})"));
  EXPECT_TRUE(refused(R"({"task": {"node": "b"}})"));
  EXPECT_TRUE(refused(R"({"usage": {"promptTokens": 9223372036854775807}})"));
  EXPECT_TRUE(refused(R"({"steps": 18446744073709551615})"));
  EXPECT_TRUE(refused(R"({"steps": -1})"));
  EXPECT_TRUE(refused(R"({"task": {"state": []}})"));
  EXPECT_TRUE(refused(R"({"task": {"phase": "branching", "items": ["z"], "results": [{}]}})"));
  EXPECT_FALSE(Run::resume(*workflow, Json::array(), Json::object()).ok());
}

TEST(Checkpoint, ALoopInACheckpointIsWithinItsItems) {
  const auto workflow = workflow_of(
      "nodes: [{name: each, type: for_each, items: [1, 2], body: [{name: stop, interrupt: before}]}]");
  const auto run = std::move(Run::start(*workflow, Json::object())).value();
  Host().drive(*run);
  Json checkpoint = run->checkpoint();
  ASSERT_TRUE(Run::resume(*workflow, checkpoint, Json::object()).ok());
  checkpoint["task"]["items"] = "no list";
  EXPECT_FALSE(Run::resume(*workflow, checkpoint, Json::object()).ok());
  checkpoint["task"]["items"] = {1, 2};
  checkpoint["task"]["turn"] = int64_t{1} << 40;
  EXPECT_FALSE(Run::resume(*workflow, checkpoint, Json::object()).ok());
  checkpoint["task"]["items"] = nullptr;  // then they are asked for again
  const auto resumed = std::move(Run::resume(*workflow, checkpoint, Json::object())).value();
  EXPECT_EQ(Host().drive(*resumed)["event"], "done");
}

TEST(Checkpoint, BranchesInACheckpointHavePlacesForTheirResults) {
  const auto workflow = workflow_of(
      "nodes: [{name: many, type: dynamic_parallel, items: [1], steps: [{name: stop, interrupt: before}]}]");
  const auto run = std::move(Run::start(*workflow, Json::object())).value();
  Host().drive(*run);
  Json checkpoint = run->checkpoint();
  ASSERT_TRUE(Run::resume(*workflow, checkpoint, Json::object()).ok());
  checkpoint["task"]["results"] = Json::array();
  checkpoint["task"]["items"] = nullptr;
  EXPECT_FALSE(Run::resume(*workflow, checkpoint, Json::object()).ok());
}

TEST(Checkpoint, BranchesInACheckpointBeganWhereTheWorkflowHasSome) {
  const auto workflow = workflow_of(
      "nodes: [{name: a}, {name: b, interrupt: before}, {name: c}, {name: d}]\n"
      "edges: [{from: a, to: [b, c]}, {from: [b, c], to: d}]");
  const auto run = std::move(Run::start(*workflow, Json::object())).value();
  Host().drive(*run);
  Json checkpoint = run->checkpoint();
  ASSERT_EQ(checkpoint["task"]["phase"], "branching");
  ASSERT_TRUE(Run::resume(*workflow, checkpoint, Json::object()).ok());
  checkpoint["task"]["node"] = "d";
  EXPECT_FALSE(Run::resume(*workflow, checkpoint, Json::object()).ok());
}

TEST(Checkpoint, ARunThatHasEndedIsNotResumed) {
  const auto workflow = workflow_of("nodes: [{name: a}]");
  const auto run = std::move(Run::start(*workflow, Json::object())).value();
  Host().drive(*run);
  EXPECT_THAT(Run::resume(*workflow, run->checkpoint(), Json::object()).error().message,
              HasSubstr("has ended"));
}

}  // namespace
}  // namespace hearth::workflow
