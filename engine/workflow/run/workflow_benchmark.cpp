// What a workflow costs besides its models: reading it, going from node to node, carrying a large state
// along.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdlib>

#include "engine/workflow/definition/read_workflow.h"
#include "engine/workflow/run/run.h"

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

void scalar(Json& events, std::string_view text) { events.push_back({"=", 1, 1, text, "plain", "", ""}); }

/// The events of {nodes: [{name, uses: state.set, with: {n: "{{ state.n + 1 }}", kI: ...}}, ...]}: each node
/// sets a key of its own, too.
Json events_of(int nodes) {
  const Json object = {"{", 1, 1, "", ""};
  const Json end_of_object = Json::array({"}"});
  Json events = Json::array({object});
  scalar(events, "nodes");
  events.push_back({"[", 1, 1, "", ""});
  for (int i = 0; i < nodes; ++i) {
    events.push_back(object);
    scalar(events, "name");
    scalar(events, fmt::format("node{}", i));
    scalar(events, "uses");
    scalar(events, "state.set");
    scalar(events, "with");
    events.push_back(object);
    scalar(events, "n");
    scalar(events, "{{ state.n + 1 }}");
    scalar(events, fmt::format("k{}", i));
    scalar(events, "x");
    events.push_back(end_of_object);
    events.push_back(end_of_object);
  }
  events.push_back(Json::array({"]"}));
  events.push_back(end_of_object);
  return events;
}

std::shared_ptr<const Workflow> read(const Json& events) {
  const Result<Element> document = compose(events, "benchmark");
  return document.ok() ? read_workflow(*document, {}).workflow : nullptr;
}

bool ends_well(const Workflow& workflow, Json input) {
  Result<std::unique_ptr<Run>> run = Run::start(workflow, std::move(input));
  if (!run.ok()) return false;
  std::string last;
  while (!(*run)->has_ended()) {
    for (const Json& event : (*run)->advance(0)) last = event["event"];
  }
  return last == "done";
}

void validate(benchmark::State& state) {
  const Json events = events_of(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    if (read(events) == nullptr) state.SkipWithError("it is no workflow");
  }
}
BENCHMARK(validate)->Arg(1000)->Unit(benchmark::kMillisecond);

/// Time per node: the whole divided by the items.
void run_nodes(benchmark::State& state) {
  const std::shared_ptr<const Workflow> workflow = read(events_of(static_cast<int>(state.range(0))));
  for (auto _ : state) {
    if (workflow == nullptr || !ends_well(*workflow, {{"n", 0}})) state.SkipWithError("it did not end well");
  }
  state.counters["per_node"] =
      benchmark::Counter(static_cast<double>(state.range(0)),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(run_nodes)->Arg(10'000)->Unit(benchmark::kMillisecond);

int64_t peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// A state of 1 MB: by how much the process grows from 10 nodes to as many as are asked for.
void carry_a_megabyte(benchmark::State& state) {
  const std::shared_ptr<const Workflow> few = read(events_of(10));
  const std::shared_ptr<const Workflow> workflow = read(events_of(static_cast<int>(state.range(0))));
  const Json input = {{"n", 0}, {"text", std::string(1 << 20, 'x')}};
  if (few == nullptr || workflow == nullptr || !ends_well(*few, input))
    return state.SkipWithError("it failed");
  const int64_t before = peak_kib();
  for (auto _ : state) {
    if (!ends_well(*workflow, input)) state.SkipWithError("it did not end well");
  }
  state.counters["grown_KiB"] = static_cast<double>(peak_kib() - before);
}
BENCHMARK(carry_a_megabyte)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hearth::workflow
