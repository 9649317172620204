// Requests to Ollama's API in the engine's terms. What is wrong in them ends in a Refusal that names it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/serve/api/members.h"
#include "apps/serve/config/units.h"

namespace hearth::serve::ollama {

/// What all requests have that use a model.
struct ModelRequest {
  std::string model;
  std::optional<Duration> keep_alive;  // from its end on
};

/// Of /api/generate or /api/chat.
struct TextRequest : ModelRequest {
  nlohmann::ordered_json chat;                                        // null where a prompt is taken as it is
  std::string prompt, suffix;                                         // the prompt that is
  std::vector<int32_t> context;                                       // tokens that come before
  nlohmann::ordered_json options = nlohmann::ordered_json::object();  // of generating (docs/options.md)
  bool stream = true;
  bool asks = true;  // otherwise the model is only loaded, or unloaded
};

/// The name of a model, "model" or in older clients "name", as it is asked for.
std::string read_model_name(const Members& body);

ModelRequest read_model_request(const Members& body);
TextRequest read_generate(const nlohmann::ordered_json& json);
TextRequest read_chat(const nlohmann::ordered_json& json);

}  // namespace hearth::serve::ollama
