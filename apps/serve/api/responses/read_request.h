// A request to OpenAI's Responses API in the engine's terms.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "apps/serve/api/responses/read_input.h"
#include "apps/serve/api/responses/stored_responses.h"

namespace hearth::serve::responses {

struct ResponsesRequest {
  std::string model;
  nlohmann::ordered_json chat;                                        // as hearth_chat_tokens takes it
  nlohmann::ordered_json options = nlohmann::ordered_json::object();  // of generating (docs/options.md)
  nlohmann::ordered_json input;                                       // its items
  nlohmann::ordered_json told;  // what a response repeats of its request
  bool stream = false;
  bool stores = true;       // the response is kept
  bool one_call = false;    // no second tool is called in the same answer
  bool truncates = false;   // where the conversation does not fit, the oldest turns are left out
  bool summarizes = false;  // what is thought is told as a summary, which clients ask for by that name
};

/// `before`: the conversation that the request goes on in. Throws a Refusal that names the member that is
/// wrong.
ResponsesRequest read_request(const nlohmann::ordered_json& json, const Turns& before,
                              const FindItem& find_item);

}  // namespace hearth::serve::responses
