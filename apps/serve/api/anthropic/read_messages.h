// A request to Anthropic's Messages API in the engine's terms. What is wrong in it ends in a Refusal that
// names the place as that API does: "messages.0.content.1.type".
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace hearth::serve::anthropic {

struct MessagesRequest {
  std::string model;
  nlohmann::ordered_json chat;                                        // as hearth_chat_tokens takes it
  nlohmann::ordered_json options = nlohmann::ordered_json::object();  // of generating (docs/options.md)
  bool stream = false;
  bool one_call = false;  // no second tool is called in the same answer
};

/// Of POST /v1/messages.
MessagesRequest read_messages(const nlohmann::ordered_json& json);

/// Of POST /v1/messages/count_tokens: the model and the chat alone.
MessagesRequest read_counted(const nlohmann::ordered_json& json);

}  // namespace hearth::serve::anthropic
