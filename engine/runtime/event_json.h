// What an event carries besides its text and its figures, as JSON: one form for all faces.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>

#include "engine/runtime/generation.h"

namespace hearth {

/// {"logprobs": [{"id", "text", "bytes", "logprob", "topLogprobs": [{"id", "text", "bytes", "logprob"}]}],
/// "reasoning": "...", "toolCalls": [{"index", "id", "name", "arguments", "whole"}],
/// "warnings": ["..."], "computedBy": {"device", "deviceReason"}, "stop": "...",
/// "speculation": {"draftedTokens", "acceptedTokens"}}; only what there is: an empty object for nothing. A
/// call's name comes first, its id with the name or at its end, its arguments in pieces, and "whole" with the
/// end. Warnings come with the first event, or when a device was lost, with what computes since; with the
/// last, the stop string that ended the answer and what speculation did. `bytes` are what the token stands
/// for, a control token its name, and `text` is the same as far as it is UTF-8.
nlohmann::ordered_json event_json(const GenerationEvent& event);
/// An event's "logprobs".
nlohmann::ordered_json logprobs_json(std::span<const ChosenLogprob> logprobs);

}  // namespace hearth
