// Fuzzes checkpoints: whatever is written in one, it does not fit, or the run goes on and ends.
//
// Bytes of an input: a checkpoint as JSON, then optionally a zero and what the host answers.
#include "engine/workflow/json_mutator.h"
#include "engine/workflow/workflow_fuzzing.h"

namespace hearth::workflow::fuzzing {
namespace {

/// One node of each kind.
const Workflow& all_kinds() {
  static const std::shared_ptr<const Workflow> kWorkflow = workflow_of(Json::parse(R"({
    "name": "all", "state_schema": {"n": "int"}, "limits": {"max_steps": 300},
    "nodes": [
      {"name": "first", "uses": "state.set", "with": {"n": 0}},
      {"name": "loop", "type": "while_loop", "condition": "n < 3", "max_iterations": 5,
       "body": [{"name": "more", "run": {"type": "expression", "value": "n + 1", "output_key": "n"}}]},
      {"name": "each", "type": "for_each", "items": [1, 2],
       "body": [{"name": "ask", "uses": "llm.call", "with": {"prompt": "{{ item }}"}, "output": "said"}]},
      {"name": "many", "type": "dynamic_parallel", "items": [1, 2, 3], "max_concurrency": 2,
       "steps": [{"name": "double", "uses": "double", "with": {"n": "{{ item }}"}, "output": "twice",
                  "error_policy": {"max_retries": 2, "on_failure": "continue"}}]},
      {"name": "left", "uses": "llm.tools", "with": {"prompt": "a", "tools": [{"name": "text.upper"}]}},
      {"name": "right", "interrupt": "before", "steps": [{"name": "inner"}]},
      {"name": "end", "uses": "memory.search", "with": {"query": "a"}, "output": "found"}],
    "edges": [{"from": "first", "to": "loop"}, {"from": "loop", "to": "each"}, {"from": "each", "to": "many"},
              {"from": "many", "to": ["left", "right"]}, {"from": ["left", "right"], "to": "end"}]
  })"));
  require(kWorkflow != nullptr, "the workflow is one");
  return *kWorkflow;
}

/// Nodes, phases and keys of a checkpoint.
constexpr std::string_view kWords[] = {
    "first",   "loop",      "each",   "many",      "left",     "right",    "end",        "inner",
    "more",    "ask",       "double", "__start__", "__end__",  "arriving", "working",    "retrying",
    "leaving", "branching", "node",   "index",     "phase",    "attempt",  "base",       "state",
    "locals",  "items",     "turn",   "results",   "children", "ended",    "changes",    "error",
    "version", "workflow",  "steps",  "usage",     "task",     "n",        "interrupted"};

}  // namespace
}  // namespace hearth::workflow::fuzzing

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed) {
  using namespace hearth::workflow::fuzzing;
  return JsonMutator(seed, kWords).mutate(data, size, most);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hearth::workflow;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size > 16384) return 0;
  const size_t zero = std::min(input.find('\0'), size);
  const auto checkpoint = hearth::parse_json(input.substr(0, zero), "the checkpoint");
  if (!checkpoint.ok()) return 0;
  const size_t rest = std::min(zero + 1, size);
  hearth::fuzzing::Input answers(data + rest, size - rest);
  hearth::Result<std::unique_ptr<Run>> run = Run::resume(fuzzing::all_kinds(), *checkpoint, {{"changed", 1}});
  if (run.ok()) fuzzing::drive(**run, answers);
  return 0;
}
