// Fuzzes workflows as a whole: whatever the document and whatever the host answers, there are faults, or a
// run that ends; and a run taken up from what it wrote down ends, too.
//
// Bytes of an input: a document as JSON, then optionally a zero and what the host answers.
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

}  // namespace
}  // namespace hearth::workflow::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size > 8192) return 0;
  const size_t zero = std::min(input.find('\0'), size);
  const size_t rest = std::min(zero + 1, size);
  hearth::workflow::fuzzing::check(input.substr(0, zero),
                                   hearth::workflow::fuzzing::Input(data + rest, size - rest));
  return 0;
}
