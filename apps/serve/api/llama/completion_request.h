// A request to /completion or /infill as the engine takes it.
#pragma once

#include <string>
#include <vector>

#include "apps/serve/api/openai/generation_request.h"
#include "apps/serve/api/openai/infill.h"
#include "apps/serve/api/openai/prompts.h"

namespace hearth::serve::llama {

struct CompletionRequest : openai::GenerationRequest {
  openai::Prompts prompts;
  openai::Infill infill;                     // in place of prompts, where the middle of a text is asked for
  int64_t probabilities = 0;                 // of so many likely tokens in each token's place
  bool return_tokens = false;                // whole answers have the tokens; pieces always do
  int64_t slot = -1;                         // that is asked for, which says nothing here
  std::vector<std::string> response_fields;  // paths of the answer's members; all where there are none
};

/// Throw a Refusal naming the member that is wrong.
CompletionRequest read_completion_request(const nlohmann::ordered_json& json);
CompletionRequest read_infill_request(const nlohmann::ordered_json& json);

}  // namespace hearth::serve::llama
