// A request to /completion or /infill as the engine takes it.
#pragma once

#include <string>
#include <vector>

#include "apps/serve/api/llama/infill_prompt.h"
#include "apps/serve/api/openai/generation_request.h"
#include "apps/serve/api/openai/prompts.h"

namespace hearth::serve::llama {

struct CompletionRequest : openai::GenerationRequest {
  openai::Prompts prompts;
  Infill infill;                             // in place of prompts, where the middle of a text is asked for
  int64_t probabilities = 0;                 // of so many likely tokens in each token's place
  bool after_sampling = false;               // as they are after sampling, without a temperature
  bool return_tokens = false;                // whole answers have the tokens; pieces always do
  int64_t slot = -1;                         // that is asked for, which says nothing here
  int64_t indent = 0, milliseconds = 0;      // of its lines and of writing (line_limits.h)
  std::vector<std::string> response_fields;  // paths of the answer's members; all where there are none
};

/// Throw a Refusal naming the member that is wrong.
CompletionRequest read_completion_request(const nlohmann::ordered_json& json);
CompletionRequest read_infill_request(const nlohmann::ordered_json& json);

}  // namespace hearth::serve::llama
