// Between JavaScript values and what the C ABI takes and gives. Main thread only.
#pragma once

#include <napi.h>

#include <functional>
#include <vector>

#include "bindings/node/engine_thread.h"
#include "engine/base/result.h"

namespace hearth::node {

/// An Error whose `code` is the status's name.
Napi::Value to_error(Napi::Env env, const Failure& failure);

/// {path} or {memory: Uint8Array[]}, and the options under the names of hearth_model_options in camelCase;
/// what is undefined keeps its default. What cannot be is the request's failure.
LoadRequest load_request(const Napi::Object& options);

/// The options under the names of hearth_generation_options in camelCase; what is undefined keeps the model's
/// own default. The function may be called on any thread and must live as long as the options it fills in.
/// INVALID_ARGUMENT for what cannot be.
Result<std::function<void(hearth_generation_options& options)>> generation_choices(
    const Napi::Object& options);

std::vector<int32_t> tokens_of(const Napi::Value& value);
Napi::Value to_tokens(Napi::Env env, const std::vector<int32_t>& tokens);

/// What the last event of a stream says: {finishReason, error, promptTokens, ...}.
Napi::Object to_result(Napi::Env env, const StreamEvent& event);

const char* stage_name(hearth_load_stage stage);

}  // namespace hearth::node
