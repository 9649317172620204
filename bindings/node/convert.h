// Between JavaScript values and what the C ABI takes and gives. Main thread only.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "bindings/engine_thread/engine_thread.h"

namespace hearth::node {

/// An Error whose `code` is the status's name.
Napi::Value to_error(Napi::Env env, const Failure& failure);

/// From {path} or {memory: Uint8Array[]}, and the options as JSON.
LoadRequest load_request(const Napi::Object& source, std::string options);

std::vector<int32_t> tokens_of(const Napi::Value& value);

/// What the last event of a stream says: {finishReason, error, promptTokens, ...}.
Napi::Object to_result(Napi::Env env, const StreamEvent& event);

const char* stage_name(hearth_load_stage stage);

}  // namespace hearth::node
