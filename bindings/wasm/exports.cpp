// The engine as JavaScript calls it, over the C interface: an instance of the module holds one model.
// Numbers, texts and JSON cross, never structs, so that packages/wasm knows nothing of memory layouts; it
// describes each function.
#include <emscripten.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/wasm/exchange.h"
#include "bindings/wasm/gpu.h"
#include "bindings/wasm/load_request.h"
#include "engine/hearth.h"

// They call what the creator of the instance gave it as `host`. `part` counts the model's files.
EM_JS(int, host_read, (double part, double offset, double into, double size),
      { return Module["host"]["read"](part, offset, into, size); });
EM_JS(void, host_read_ahead, (double part, double offset, double into, double size),
      { Module["host"]["read_ahead"](part, offset, into, size); });
EM_JS(int, host_progress, (int stage, double done, double total),
      { return Module["host"]["progress"](stage, done, total); });

namespace hearth::wasm {
namespace {

/// All of an instance's state, besides the result.
hearth_model* model = nullptr;

/// Of a request that makes no sense.
int refuse(const Error& error) { return fail(HEARTH_INVALID_ARGUMENT, error.message.c_str()); }

int read_part(void* user, uint64_t offset, void* into, size_t size) {
  return host_read(address(user), static_cast<double>(offset), address(into), static_cast<double>(size));
}

void read_part_ahead(void* user, uint64_t offset, void* into, size_t size) {
  host_read_ahead(address(user), static_cast<double>(offset), address(into), static_cast<double>(size));
}

/// They point into the request.
std::vector<hearth_source> sources_of(const LoadRequest& request) {
  std::vector<hearth_source> sources;
  for (const LoadRequest::Part& part : request.parts) {
    // The part's number is all that reading needs to know of it.
    sources.push_back({part.name.c_str(), part.size, read_part, pointer(static_cast<double>(sources.size())),
                       part.reads_ahead ? read_part_ahead : nullptr});
  }
  return sources;
}

/// They point into the request.
hearth_model_options options_of(const LoadRequest& request) {
  hearth_model_options options{};
  hearth_model_options_init(&options, sizeof options);
  options.json = request.options.c_str();
  if (!request.gpu.is_null()) options.gpu = &host_gpu(request.gpu);
  return options;
}

int tell_progress(void* /*user*/, hearth_load_stage stage, uint64_t done, uint64_t total) {
  return host_progress(stage, static_cast<double>(done), static_cast<double>(total));
}

nlohmann::json event_json(const hearth_event& event) {
  nlohmann::json json{{"text", std::string(event.text, event.text_size)}};
  if (*event.json != '\0') json["more"] = event.json;
  if (event.finish == HEARTH_FINISH_NONE) return json;
  nlohmann::json& end = json["result"];
  end = {{"finishReason", hearth_finish_reason_name(event.finish)},
         {"promptTokens", event.prompt_tokens},
         {"cachedTokens", event.cached_tokens},
         {"completionTokens", event.completion_tokens},
         {"queuedMs", event.queued_ms},
         {"prefillMs", event.prefill_ms},
         {"decodeMs", event.decode_ms},
         {"seed", event.seed}};
  if (event.finish == HEARTH_FINISH_ERROR) end["error"] = error_json(event.error, event.error_message);
  return json;
}

}  // namespace
}  // namespace hearth::wasm

using namespace hearth::wasm;

extern "C" {

EMSCRIPTEN_KEEPALIVE int hearth_wasm_memory_need(double json, double size) {
  tell_when_memory_is_full();
  LoadRequest request;
  if (const auto read = request.read(text_at(json, size)); !read.ok()) return refuse(read.error());
  const std::vector<hearth_source> sources = sources_of(request);
  const hearth_model_options options = options_of(request);
  hearth_memory_need need{};
  need.struct_size = sizeof need;
  const hearth_status status = hearth_model_memory_need(sources.data(), sources.size(), &options, &need);
  if (status != HEARTH_OK) return report(status);
  result = to_text({{"weights", need.weights}, {"cache", need.cache}, {"activations", need.activations}});
  return 0;
}

EMSCRIPTEN_KEEPALIVE int hearth_wasm_load(double json, double size) {
  if (model != nullptr) return fail(HEARTH_INVALID_ARGUMENT, "this instance has its model already");
  tell_when_memory_is_full();
  LoadRequest request;
  if (const auto read = request.read(text_at(json, size)); !read.ok()) return refuse(read.error());
  hearth_model_options options = options_of(request);
  options.progress = tell_progress;
  if (request.in_memory) {
    std::vector<hearth_memory> memory;
    for (const LoadRequest::Part& part : request.parts) memory.push_back({pointer(part.address), part.size});
    return report(hearth_model_load_memory(memory.data(), memory.size(), &options, &model));
  }
  const std::vector<hearth_source> sources = sources_of(request);
  return report(hearth_model_load_read(sources.data(), sources.size(), &options, &model));
}

EMSCRIPTEN_KEEPALIVE void hearth_wasm_unload() {
  hearth_model_free(model);
  model = nullptr;
}

/// hearth_call: the reply's type, and its data as the result.
EMSCRIPTEN_KEEPALIVE int hearth_wasm_call(double name, double name_size, double arguments, double size,
                                          double data, double data_size) {
  hearth_reply reply{};
  const hearth_status status = hearth_call(model, std::string(text_at(name, name_size)).c_str(),
                                           std::string(text_at(arguments, size)).c_str(), pointer(data),
                                           static_cast<size_t>(data_size), &reply);
  if (status != HEARTH_OK) return report(status);
  result.assign(reinterpret_cast<const char*>(reply.data.data), reply.data.size);
  hearth_bytes_free(&reply.data);
  return reply.type;
}

/// The generation's address, or kFailed.
EMSCRIPTEN_KEEPALIVE double hearth_wasm_generate(double tokens, double count, double json, double size) {
  hearth_generation_options options{};
  hearth_generation_options_init(model, &options, sizeof options);
  const std::string chosen(text_at(json, size));
  options.json = chosen.c_str();
  hearth_generation* generation = nullptr;
  const hearth_status status = hearth_generation_create(model, static_cast<const int32_t*>(pointer(tokens)),
                                                        static_cast<size_t>(count), &options, &generation);
  return status == HEARTH_OK ? address(generation) : report(status);
}

/// 1 while there is something to run. Never waits for a device: a call may find nothing new.
EMSCRIPTEN_KEEPALIVE int hearth_wasm_step() {
  int ready = 0;
  int busy = 0;
  hearth_status status = hearth_model_step_begin(model);
  if (status == HEARTH_OK) status = hearth_model_step_ready(model, &ready, &busy);
  return status == HEARTH_OK ? busy : report(status);
}

/// 1 when no step is going on; ends one that is done. For calls, which could not wait for that.
EMSCRIPTEN_KEEPALIVE int hearth_wasm_end_step() {
  int ready = 0;
  int busy = 0;
  const hearth_status status = hearth_model_step_ready(model, &ready, &busy);
  return status == HEARTH_OK ? ready : report(status);
}

/// 1 if there was an event, whose JSON is then the result.
EMSCRIPTEN_KEEPALIVE int hearth_wasm_next(double generation) {
  hearth_event event{};
  event.struct_size = sizeof event;
  const hearth_status status =
      hearth_generation_next(static_cast<hearth_generation*>(pointer(generation)), &event);
  if (status != HEARTH_OK) return report(status);
  if (event.present == 0) return 0;
  result = to_text(event_json(event));
  return 1;
}

EMSCRIPTEN_KEEPALIVE void hearth_wasm_cancel(double generation) {
  hearth_generation_cancel(static_cast<hearth_generation*>(pointer(generation)));
}

EMSCRIPTEN_KEEPALIVE void hearth_wasm_hold(double generation, int held) {
  hearth_generation_hold(static_cast<hearth_generation*>(pointer(generation)), held);
}

EMSCRIPTEN_KEEPALIVE void hearth_wasm_end(double generation) {
  hearth_generation_free(static_cast<hearth_generation*>(pointer(generation)));
}

}  // extern "C"
