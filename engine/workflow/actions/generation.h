// What actions ask a model, and what they make of its answer.
//
// Their parameters are called as OpenAI's API and The Edge Agent call them, or as Hearth's own options
// (docs/options.md); the host is asked in Hearth's own.
#pragma once

#include <nlohmann/json.hpp>

#include "engine/base/result.h"
#include "engine/workflow/actions/action.h"

namespace hearth::workflow {

/// The node's own parameters over those of settings.llm.
nlohmann::ordered_json with_settings(const nlohmann::ordered_json& parameters, const ActionContext& context);

/// The question `generate`. INVALID_ARGUMENT names the parameter.
Result<Call> generation(const nlohmann::ordered_json& parameters, const ActionContext& context);

/// {content, model, backend, finish_reason, usage, reasoning?, tool_calls?} of an answer to it.
nlohmann::ordered_json reply(const nlohmann::ordered_json& answer);

/// {prompt_tokens, completion_tokens, total_tokens} of an answer of any model.
nlohmann::ordered_json usage_of(const nlohmann::ordered_json& answer);

}  // namespace hearth::workflow
