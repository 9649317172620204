// What all requests for text have in common, in OpenAI's API and in llama-server's.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/serve/api/members.h"
#include "apps/serve/service.h"

namespace hearth::serve::openai {

/// A bias of all tokens of a text.
struct TextBias {
  std::string text;
  nlohmann::ordered_json bias;
};

struct GenerationRequest {
  std::string model;
  nlohmann::ordered_json options = nlohmann::ordered_json::object();  // the engine's
  std::vector<TextBias> text_biases;                                  // to be added to them
  bool one_call = false;   // an answer ends behind its first call of a tool
  bool no_tokens = false;  // the prompt is read and nothing answered
  size_t choices = 1;      // answers to each prompt
  bool stream = false;
  bool include_usage = false;
  bool timings_per_token = false;
  bool return_progress = false;  // a stream begins with how much of the prompt was read
};

/// Throws a Refusal naming the member that is wrong; members that it does not know are ignored.
void read_generation(const Members& body, GenerationRequest& request);

/// Finds the tokens of text_biases.
Awaitable<> add_text_biases(ModelUse& model, GenerationRequest& request);

/// Finds the adapters that the request names by their numbers among those of the model's configuration
/// (llama-server's /lora-adapters); numbers of a model without are the engine's. Throws a Refusal.
Awaitable<> find_adapters(Service& service, const Exchange& exchange, const ModelUse& model,
                          GenerationRequest& request);

/// Of the answer with that number: where a seed is asked for, each of several has its own.
nlohmann::ordered_json options_of_choice(const GenerationRequest& request, size_t choice);

}  // namespace hearth::serve::openai
