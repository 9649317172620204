// A request to /v1/completions as the engine takes it.
#pragma once

#include <string>

#include "apps/serve/api/openai/generation_request.h"
#include "apps/serve/api/openai/prompts.h"

namespace hearth::serve::openai {

struct CompletionRequest : GenerationRequest {
  Prompts prompts;
  std::string suffix;  // of texts whose middle is asked for
  bool echo = false;   // an answer begins with its prompt
};

/// Throws a Refusal naming the member that is wrong.
CompletionRequest read_completion_request(const nlohmann::ordered_json& json);

}  // namespace hearth::serve::openai
