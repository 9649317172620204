// A request to /v1/chat/completions as the engine takes it.
#pragma once

#include "apps/serve/api/openai/generation_request.h"

namespace hearth::serve::openai {

struct ChatRequest : GenerationRequest {
  nlohmann::ordered_json chat;    // as hearth_apply_chat_template takes it
  bool legacy_functions = false;  // calls are answered as `function_call`
};

/// Throws a Refusal naming the member that is wrong.
ChatRequest read_chat_request(const nlohmann::ordered_json& json);

/// The conversation alone.
nlohmann::ordered_json read_chat(const Members& body);

}  // namespace hearth::serve::openai
