#include "bindings/node/convert.h"

#include <string>
#include <utility>

namespace hearth::node {

Napi::Value to_error(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.message);
  error.Value().Set("code", hearth_status_name(failure.status));
  return error.Value();
}

LoadRequest load_request(const Napi::Object& source, std::string options) {
  LoadRequest request;
  request.options = std::move(options);
  if (const Napi::Value path = source.Get("path"); path.IsString()) request.path = path.ToString();
  if (const Napi::Value memory = source.Get("memory"); memory.IsArray()) {
    const auto parts = memory.As<Napi::Array>();
    for (uint32_t index = 0; index < parts.Length(); ++index) {
      const auto bytes = parts.Get(index).As<Napi::Uint8Array>();
      request.memory.push_back({bytes.Data(), bytes.ByteLength()});
    }
  }
  return request;
}

std::vector<int32_t> tokens_of(const Napi::Value& value) {
  const auto tokens = value.As<Napi::Int32Array>();
  return {tokens.Data(), tokens.Data() + tokens.ElementLength()};
}

Napi::Object to_result(Napi::Env env, const StreamEvent& event) {
  auto result = Napi::Object::New(env);
  result.Set("finishReason", hearth_finish_reason_name(event.finish));
  if (event.failure) result.Set("error", to_error(env, event.failure));
  result.Set("promptTokens", event.prompt_tokens);
  result.Set("cachedTokens", event.cached_tokens);
  result.Set("completionTokens", event.completion_tokens);
  result.Set("queuedMs", event.queued_ms);
  result.Set("prefillMs", event.prefill_ms);
  result.Set("decodeMs", event.decode_ms);
  result.Set("seed", static_cast<double>(event.seed));
  return result;
}

const char* stage_name(hearth_load_stage stage) {
  switch (stage) {
    case HEARTH_STAGE_PARSE:
      return "parse";
    case HEARTH_STAGE_READ:
      return "read";
    case HEARTH_STAGE_INITIALIZE:
      return "initialize";
    case HEARTH_STAGE_READY:
      break;
  }
  return "ready";
}

}  // namespace hearth::node
