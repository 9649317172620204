// Fuzzes workflows as a whole: whatever the document and whatever the host answers, there are faults, or a
// run that ends; and a run taken up from what it wrote down ends, too.
//
// Bytes of an input: a document as JSON, then optionally a zero and what the host answers.
#include "engine/workflow/json_mutator.h"
#include "engine/workflow/workflow_fuzzing.h"

namespace hearth::workflow::fuzzing {
namespace {

void check(std::string_view text, Input answers) {
  const Result<Json> document = parse_json(text, "the document");
  if (!document.ok()) return;
  const std::shared_ptr<const Workflow> read = workflow_of(*document);
  if (read == nullptr) return;
  // It may ask for more than a fuzzer has the time for.
  auto workflow = std::make_shared<Workflow>(std::move(*std::const_pointer_cast<Workflow>(read)));
  workflow->limits.max_steps = std::min<int64_t>(workflow->limits.max_steps, 200);
  Result<std::unique_ptr<Run>> run = Run::start(*workflow, {{"given", {1, 2}}});
  if (!run.ok()) return;
  advance(**run, answers, 0);
  if ((*run)->has_ended()) return;
  const Json checkpoint = (*run)->checkpoint();
  Input again = answers;
  drive(**run, answers);
  Result<std::unique_ptr<Run>> resumed = Run::resume(*workflow, checkpoint, {{"given", 3}});
  if (!resumed.ok()) std::fprintf(stderr, "%s\n", resumed.error().message.c_str());
  require(resumed.ok(), "a run's own checkpoint fits");
  drive(**resumed, again);
}

/// Keys and values of a workflow's file.
constexpr std::string_view kKeys[] = {"nodes",
                                      "edges",
                                      "name",
                                      "uses",
                                      "with",
                                      "output",
                                      "run",
                                      "type",
                                      "steps",
                                      "body",
                                      "while_loop",
                                      "for_each",
                                      "dynamic_parallel",
                                      "items",
                                      "condition",
                                      "max_iterations",
                                      "item_var",
                                      "max_concurrency",
                                      "fail_fast",
                                      "goto",
                                      "when",
                                      "from",
                                      "to",
                                      "fan_in",
                                      "interrupt",
                                      "before",
                                      "both",
                                      "error_policy",
                                      "max_retries",
                                      "on_failure",
                                      "continue",
                                      "fallback",
                                      "timeout_ms",
                                      "settings",
                                      "parallel",
                                      "merge_strategy",
                                      "merge_deep",
                                      "limits",
                                      "variables",
                                      "input_schema",
                                      "state_schema",
                                      "outputs",
                                      "__start__",
                                      "__end__",
                                      "llm.chat",
                                      "llm.tools",
                                      "llm.json",
                                      "state.set",
                                      "memory.search",
                                      "storage.put",
                                      "json.get",
                                      "text.split",
                                      "return",
                                      "{{ state.given }}",
                                      "{{ item }}",
                                      "double"};

}  // namespace
}  // namespace hearth::workflow::fuzzing

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed) {
  using namespace hearth::workflow::fuzzing;
  return JsonMutator(seed, kKeys).mutate(data, size, most);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size > 8192) return 0;
  const size_t zero = std::min(input.find('\0'), size);
  const size_t rest = std::min(zero + 1, size);
  hearth::workflow::fuzzing::check(input.substr(0, zero),
                                   hearth::workflow::fuzzing::Input(data + rest, size - rest));
  return 0;
}
