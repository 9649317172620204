// Workflows as JavaScript runs them, over their C interface, in a module of their own: it has no model and no
// thread. Workflows and runs are handles; packages/wasm describes each function.
#include <emscripten.h>

#include <string>

#include "bindings/wasm/exchange.h"
#include "engine/hearth_workflow.h"

namespace hearth::wasm {
namespace {

hearth_workflow* workflow_at(double handle) { return static_cast<hearth_workflow*>(pointer(handle)); }
hearth_workflow_run* run_at(double handle) { return static_cast<hearth_workflow_run*>(pointer(handle)); }
const char* data_at(double address) { return static_cast<const char*>(pointer(address)); }

/// What a call hands out, `text`, becomes the result.
int give(hearth_status status, hearth_text text) {
  if (status != HEARTH_OK) return report(status);
  result.assign(text.data, text.size);
  hearth_text_free(&text);
  return 0;
}

/// The handle of what a call has made, or kFailed.
double made(hearth_status status, const void* handle) {
  return status == HEARTH_OK ? address(handle) : report(status);
}

}  // namespace
}  // namespace hearth::wasm

using namespace hearth::wasm;

extern "C" {

EMSCRIPTEN_KEEPALIVE double hearth_wasm_workflow(double path, double path_size, double functions,
                                                 double size) {
  tell_when_memory_is_full();
  hearth_workflow* workflow = nullptr;
  const std::string names(text_at(functions, size));
  const hearth_status status =
      hearth_workflow_create(std::string(text_at(path, path_size)).c_str(), names.c_str(), &workflow);
  return made(status, workflow);
}

EMSCRIPTEN_KEEPALIVE int hearth_wasm_workflow_wanted(double workflow) {
  hearth_text text{};
  const hearth_status status = hearth_workflow_wanted(workflow_at(workflow), &text);
  return give(status, text);
}

EMSCRIPTEN_KEEPALIVE int hearth_wasm_workflow_add(double workflow, double events, double size) {
  return report(hearth_workflow_add(workflow_at(workflow), data_at(events), static_cast<size_t>(size)));
}

EMSCRIPTEN_KEEPALIVE int hearth_wasm_workflow_refuse(double workflow, double reason, double size) {
  return report(hearth_workflow_refuse(workflow_at(workflow), std::string(text_at(reason, size)).c_str()));
}

EMSCRIPTEN_KEEPALIVE int hearth_wasm_workflow_faults(double workflow) {
  hearth_text text{};
  const hearth_status status = hearth_workflow_faults(workflow_at(workflow), &text);
  return give(status, text);
}

EMSCRIPTEN_KEEPALIVE int hearth_wasm_workflow_info(double workflow) {
  hearth_text text{};
  const hearth_status status = hearth_workflow_info(workflow_at(workflow), &text);
  return give(status, text);
}

EMSCRIPTEN_KEEPALIVE int hearth_wasm_workflow_graph(double workflow, double format, double size) {
  hearth_text text{};
  const std::string name(text_at(format, size));
  const hearth_status status = hearth_workflow_graph(workflow_at(workflow), name.c_str(), &text);
  return give(status, text);
}

EMSCRIPTEN_KEEPALIVE void hearth_wasm_workflow_free(double workflow) {
  hearth_workflow_free(workflow_at(workflow));
}

EMSCRIPTEN_KEEPALIVE double hearth_wasm_run(double workflow, double input, double size) {
  hearth_workflow_run* run = nullptr;
  const hearth_status status =
      hearth_workflow_start(workflow_at(workflow), data_at(input), static_cast<size_t>(size), &run);
  return made(status, run);
}

EMSCRIPTEN_KEEPALIVE double hearth_wasm_run_resumed(double workflow, double checkpoint, double size) {
  hearth_workflow_run* run = nullptr;
  const hearth_status status =
      hearth_workflow_resume(workflow_at(workflow), data_at(checkpoint), static_cast<size_t>(size), &run);
  return made(status, run);
}

EMSCRIPTEN_KEEPALIVE int hearth_wasm_run_advance(double run, double now) {
  hearth_text text{};
  const hearth_status status = hearth_workflow_run_advance(run_at(run), now, &text);
  return give(status, text);
}

EMSCRIPTEN_KEEPALIVE int hearth_wasm_run_answer(double run, double answer, double size) {
  return report(hearth_workflow_run_answer(run_at(run), data_at(answer), static_cast<size_t>(size)));
}

EMSCRIPTEN_KEEPALIVE void hearth_wasm_run_cancel(double run) { hearth_workflow_run_cancel(run_at(run)); }

EMSCRIPTEN_KEEPALIVE int hearth_wasm_run_checkpoint(double run) {
  hearth_text text{};
  const hearth_status status = hearth_workflow_run_checkpoint(run_at(run), &text);
  return give(status, text);
}

EMSCRIPTEN_KEEPALIVE void hearth_wasm_run_free(double run) { hearth_workflow_run_free(run_at(run)); }

}  // extern "C"
