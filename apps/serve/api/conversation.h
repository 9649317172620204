// A conversation put together from the pieces that some APIs have in place of messages: an assistant's texts,
// thoughts and calls in a row are one message to a chat template.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace hearth::serve {

class Conversation {
 public:
  /// A message of its own.
  void add(std::string_view role, const std::string& text);
  /// Goes on in the last message where that is of the role, `between` between the texts.
  void extend(std::string_view role, const std::string& text, std::string_view between);
  /// What the assistant thinks, and a tool that it calls; `arguments` are an object or its text.
  void think(const std::string& text);
  void call(std::string id, std::string name, nlohmann::ordered_json arguments);
  /// What came of a call.
  void result(std::string call_id, const std::string& text);

  /// As a chat's "messages".
  const nlohmann::ordered_json& messages() const { return messages_; }

 private:
  /// The last message where it is of the role, or a new one.
  nlohmann::ordered_json& last(std::string_view role);

  nlohmann::ordered_json messages_ = nlohmann::ordered_json::array();
};

}  // namespace hearth::serve
