// What a run does with a workflow, from its first node to its last event.
#include "engine/workflow/run/run.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/workflow/workflow_testing.h"

namespace hearth::workflow {
namespace {

using ::testing::HasSubstr;
using testing::Host;
using testing::Json;
using testing::play;
using testing::Played;
using testing::workflow_of;

std::string error_of(const Played& played) {
  return played.last["event"] == "error" ? played.last["error"]["message"].get<std::string>() : "";
}

TEST(Run, NodesFollowEachOtherWhereNothingElseIsSaid) {
  const Played played = play(R"(
nodes:
  - {name: one, uses: state.set, with: {a: 1}}
  - {name: two, run: {type: expression, value: "state.a + 1", output_key: b}}
  - {name: three, uses: return, with: {value: {sum: "{{ a + b }}", text: "a={{ a }}"}}}
)");
  EXPECT_EQ(played.path(), "one two three");
  EXPECT_EQ(played.last["state"], Json::parse(R"({"a": 1, "b": 2, "sum": 3, "text": "a=1"})"));
}

TEST(Run, TheFirstWayThatHoldsIsTaken) {
  const std::string yaml = R"(
nodes:
  - {name: start}
  - {name: high}
  - {name: low}
  - {name: other}
edges:
  - {from: start, to: other, condition: else}
  - {from: start, to: high, when: "score > 0.9"}
  - {from: start, to: low, when: "score > 0.5"}
)";
  EXPECT_EQ(play(yaml, {{"score", 0.95}}).path(), "start high");
  EXPECT_EQ(play(yaml, {{"score", 0.6}}).path(), "start low");
  EXPECT_EQ(play(yaml, {{"score", 0.1}}).path(), "start other");
}

TEST(Run, GotoComesBeforeEdgesAndMayGoBack) {
  const Played played = play(R"(
nodes:
  - name: count
    run: {type: expression, value: "state.get('n', 0) + 1", output_key: n}
    goto:
      - {if: "n < 3", to: count}
      - {to: __end__}
  - {name: never}
)");
  EXPECT_EQ(played.path(), "count count count");
  EXPECT_EQ(played.last["state"]["n"], 3);
}

TEST(Run, WhatModelsAndUsersWriteIsNoTemplate) {
  Host host;
  host.answer = [](const Json&) { return Result<Json>(Json{{"text", "{{ state.secret }}"}}); };
  const Played played = play(R"(
nodes:
  - {uses: llm.call, with: {prompt: "Say {{ state.question }}"}, output: said}
  - {uses: llm.call, with: {prompt: "{{ said.content }}"}, output: again}
)",
                             {{"question", "{{ 1 + 1 }}"}, {"secret", "hidden"}}, host);
  const auto calls = played.of("call");
  EXPECT_EQ(calls[0]["request"]["messages"][0]["content"], "Say {{ 1 + 1 }}");
  EXPECT_EQ(calls[1]["request"]["messages"][0]["content"], "{{ state.secret }}");
}

constexpr const char* kBranches = R"(
settings: {{parallel: {{merge_strategy: {}}}}}
nodes:
  - {{name: start, uses: state.set, with: {{kept: {{a: 1}}}}}}
  - {{name: left, uses: state.set, with: {{kept: {{b: 2}}, side: left}}}}
  - {{name: right, uses: state.set, with: {{kept: {{c: 3}}, side: right}}}}
  - {{name: meet, run: {{type: expression, value: "parallel_results | length", output_key: count}}}}
edges:
  - {{from: start, to: [left, right]}}
  - {{from: [left, right], to: meet}}
)";

TEST(Run, BranchesMeetAndTheirStatesAreMerged) {
  const auto state_after = [](std::string_view strategy) {
    return play(fmt::format(kBranches, strategy)).last.value("state", Json());
  };
  EXPECT_EQ(state_after("isolated"), Json::parse(R"({"kept": {"a": 1}, "count": 2})"));
  EXPECT_EQ(state_after("last_write_wins"),
            Json::parse(R"({"kept": {"c": 3}, "side": "right", "count": 2})"));
  EXPECT_EQ(state_after("merge_deep"),
            Json::parse(R"({"kept": {"a": 1, "b": 2, "c": 3}, "side": "right", "count": 2})"));
  EXPECT_THAT(error_of(play(fmt::format(kBranches, "fail_on_conflict"))),
              HasSubstr("'left' and 'right' set 'kept' to different values"));
}

TEST(Run, BranchesReallyRunTogether) {
  const auto workflow = workflow_of(R"(
nodes:
  - {name: start}
  - {name: left, uses: llm.call, with: {prompt: l}}
  - {name: right, uses: llm.call, with: {prompt: r}}
edges:
  - {from: start, to: [left, right]}
)");
  const auto run = std::move(Run::start(*workflow, Json::object())).value();
  int calls = 0;
  for (const Json& event : run->advance(0)) calls += event["event"] == "call" ? 1 : 0;
  EXPECT_EQ(calls, 2) << "both are asked before either is answered";
}

TEST(Run, NoMoreItemsRunAtOnceThanAreAllowed) {
  const auto workflow = workflow_of(R"(
nodes:
  - name: all
    type: dynamic_parallel
    items: "{{ range(1000) | list }}"
    max_concurrency: 8
    action: {uses: llm.call, with: {prompt: "{{ item }}"}, output: said}
    output: results
)");
  const auto run = std::move(Run::start(*workflow, Json::object())).value();
  size_t most = 0;
  size_t answered = 0;
  std::vector<uint64_t> open;
  Json last;
  while (!run->has_ended()) {
    for (const Json& event : run->advance(0)) {
      if (event["event"] == "call") open.push_back(event["id"].get<uint64_t>());
      last = event;
    }
    most = std::max(most, open.size());
    if (open.empty()) continue;
    // In any order, here from the middle.
    const auto next = open.begin() + static_cast<std::ptrdiff_t>(open.size() / 2);
    run->answer(*next, Json{{"text", std::to_string(answered++)}});
    open.erase(next);
  }
  EXPECT_EQ(most, 8U);
  EXPECT_EQ(last["event"], "done");
  EXPECT_EQ(last["state"]["results"].size(), 1000U);
  EXPECT_EQ(last["state"]["results"][999]["index"], 999);
}

TEST(Run, AFailureOfAnItemIsItsOwnUnlessAllShallFail) {
  const std::string yaml = R"(
nodes:
  - name: all
    type: dynamic_parallel
    items: [1, 0, 2]
    FAST
    action: {run: {type: expression, value: "6 / item", output_key: share}}
    output: results
)";
  const auto with = [&](std::string_view key) {
    std::string text = yaml;
    return text.replace(text.find("FAST"), 4, key);
  };
  const Json results = play(with("description: each for itself")).last["state"]["results"];
  EXPECT_EQ(results[0]["state"]["share"], 6.0);
  EXPECT_EQ(results[1]["success"], false);
  EXPECT_THAT(results[1]["error"]["message"].get<std::string>(), HasSubstr("zero"));
  EXPECT_EQ(results[2]["success"], true);
  EXPECT_THAT(error_of(play(with("fail_fast: true"))), HasSubstr("item 1 failed"));
}

TEST(Run, LoopsEnd) {
  const Played played = play(R"(
nodes:
  - name: count
    type: while_loop
    condition: "state.count < 5"
    max_iterations: 10
    body:
      - {run: {type: expression, value: "[count + 1, sum + count + 1]", output_key: pair}}
      - {uses: state.set, with: {count: "{{ pair[0] }}", sum: "{{ pair[1] }}"}}
  - {name: forever, type: while_loop, condition: "true", max_iterations: 3, body: [{name: turn}]}
  - name: each
    type: for_each
    items: "{{ [3, 4] }}"
    item_var: x
    index_var: i
    body: [{run: {type: expression, value: "state.get('total', 0) + x * i", output_key: total}}]
)",
                             {{"count", 0}, {"sum", 0}});
  EXPECT_EQ(played.last["state"]["count"], 5);
  EXPECT_EQ(played.last["state"]["sum"], 15);
  EXPECT_EQ(played.last["state"]["total"], 4);
  EXPECT_EQ(played.of("loop_ended")[1]["turns"], 3);
}

TEST(Run, AWorkflowThatNeverEndsIsStopped) {
  const Played played = play(R"(
limits: {max_steps: 100}
nodes:
  - {name: ping, goto: pong}
  - {name: pong, goto: ping}
)");
  EXPECT_THAT(error_of(played), HasSubstr("more than 100 steps"));
}

TEST(Run, WhatFailsIsTriedAgainAtGrowingDistances) {
  Host host;
  int tries = 0;
  host.answer = [&](const Json&) -> Result<Json> {
    if (++tries < 3) return Error{ErrorCode::kNetwork, "no way"};
    return Json{{"text", "there"}};
  };
  const Played played = play(R"(
nodes:
  - name: ask
    uses: llm.call
    with: {prompt: hi}
    error_policy: {max_retries: 3, backoff_base_ms: 100, jitter: false}
    output: said
)",
                             Json::object(), host);
  EXPECT_EQ(played.last["event"], "done");
  const auto retries = played.of("retry");
  ASSERT_EQ(retries.size(), 2U);
  EXPECT_EQ(retries[0]["wait"], 100);
  EXPECT_EQ(retries[1]["wait"], 200);
  EXPECT_EQ(played.now, 300);
}

TEST(Run, AnotherNodeOrNoneMakesUpForAFailure) {
  const Played elsewhere = play(R"(
nodes:
  - {name: bad, uses: return, with: {value: "{{ state.missing }}"}, fallback: mend}
  - {name: never}
  - {name: mend, uses: state.set, with: {why: "{{ error.message }}"}}
)");
  EXPECT_EQ(elsewhere.path(), "bad mend");
  EXPECT_THAT(elsewhere.last["state"]["why"].get<std::string>(), HasSubstr("'missing'"));
  const Played onwards = play(R"(
nodes:
  - {name: bad, uses: return, with: {value: "{{ state.missing }}"}, on_error: {on_failure: continue}}
  - {name: next}
)");
  EXPECT_EQ(onwards.path(), "bad next");
}

TEST(Run, AnOutputThatCannotBeGivenIsAnError) {
  const Played played = play("nodes: [{uses: state.set, with: {a: 1}}]\noutputs: {b: '{{ state.bb }}'}");
  EXPECT_THAT(error_of(played), HasSubstr("'bb'"));
}

TEST(Run, TimeLimitsHold) {
  const auto workflow = workflow_of(R"(
nodes:
  - {name: slow, uses: llm.call, with: {prompt: hi}, timeout_ms: 500}
)");
  const auto run = std::move(Run::start(*workflow, Json::object())).value();
  run->advance(1000);
  EXPECT_EQ(run->wake_at(), 1500);
  EXPECT_TRUE(run->advance(1499).empty());
  const std::vector<Json> events = run->advance(1500);
  EXPECT_EQ(events[0]["event"], "cancel") << "the host need not answer any more";
  EXPECT_EQ(events.back()["error"]["code"], "TIMEOUT");
  EXPECT_TRUE(run->has_ended());
}

TEST(Run, ACancelStopsAllThatIsAsked) {
  const auto workflow = workflow_of(R"(
nodes:
  - {name: start}
  - {name: a, uses: llm.call, with: {prompt: a}}
  - {name: b, uses: llm.call, with: {prompt: b}}
edges: [{from: start, to: [a, b]}]
)");
  const auto run = std::move(Run::start(*workflow, Json::object())).value();
  run->advance(0);
  run->cancel();
  const std::vector<Json> events = run->advance(1);
  EXPECT_EQ(std::count_if(events.begin(), events.end(), [](const Json& e) { return e["event"] == "cancel"; }),
            2);
  EXPECT_EQ(events.back()["error"]["code"], "ABORTED");
}

TEST(Run, UsageIsCountedAndLimited) {
  const std::string yaml = R"(
limits: {max_tokens: LIMIT}
nodes:
  - {name: one, uses: llm.call, with: {prompt: hi}}
  - {name: two, uses: llm.call, with: {prompt: hi}}
)";
  const auto with = [&](std::string_view limit) {
    std::string text = yaml;
    return text.replace(text.find("LIMIT"), 5, limit);
  };
  EXPECT_EQ(play(with("10")).last["usage"],
            Json::parse(R"({"calls": 2, "promptTokens": 6, "completionTokens": 4})"));
  EXPECT_THAT(error_of(play(with("9"))), HasSubstr("more than its 9 tokens"));
}

TEST(Run, CountsThatNoModelHasAreNone) {
  Host host;
  host.answer = [](const Json&) {
    return Result<Json>(
        Json{{"text", ""}, {"usage", {{"promptTokens", INT64_MAX}, {"completionTokens", -1}}}});
  };
  const Played played = play("nodes: [{uses: llm.call, with: {prompt: a}}]", Json::object(), host);
  EXPECT_EQ(played.last["usage"], Json({{"calls", 1}, {"promptTokens", 0}, {"completionTokens", 0}}));
}

TEST(Run, AFunctionOfTheHostIsAnAction) {
  Host host;
  host.answer = [](const Json& call) {
    return Result<Json>(Json(call["request"]["parameters"]["x"].get<int>() * 2));
  };
  const Played played =
      play("nodes: [{uses: double, with: {x: \"{{ n }}\"}, output: twice}]", {{"n", 21}}, host);
  EXPECT_EQ(played.of("call")[0]["kind"], "function");
  EXPECT_EQ(played.last["state"]["twice"], 42);
}

TEST(Run, FailsWhereAWorkflowCallsItselfWithoutAnEnd) {
  const Reading self = read_workflow(testing::document_of("nodes: [{subgraph: self.yaml}]"), {});
  self.workflow->files["self.yaml"] = self.workflow.get();
  const auto run = workflow::Run::start(*self.workflow, Json::object());
  EXPECT_THAT(Host().drive(**run)["error"]["message"].get<std::string>(), HasSubstr("deep"));
}

}  // namespace
}  // namespace hearth::workflow
