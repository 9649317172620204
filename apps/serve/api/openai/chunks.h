// The chunks of a streamed answer, as chat completions and completions have them in common.
#pragma once

#include <nlohmann/json.hpp>

#include "apps/serve/api/openai/answer_json.h"
#include "apps/serve/api/openai/generation_request.h"
#include "apps/serve/http/exchange.h"

namespace hearth::serve::openai {

/// One that carries a choice; `head` is what all chunks of the stream begin with.
nlohmann::ordered_json chunk_of(const nlohmann::ordered_json& head, nlohmann::ordered_json choice,
                                const GenerationRequest& request);

/// Ends the stream, with what was used where the request asks for it.
Awaitable<> end_chunks(Exchange& exchange, const nlohmann::ordered_json& head,
                       const GenerationRequest& request, const Usage& usage, const AnswerFigures& figures);

}  // namespace hearth::serve::openai
