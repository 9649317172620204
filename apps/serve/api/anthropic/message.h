// The answer in the form of Anthropic's Messages API: a message of content blocks, whole or as the events by
// which it grows.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/serve/api/answer_parts.h"

namespace hearth::serve::anthropic {

/// The whole answer as one message.
nlohmann::ordered_json message_json(const std::string& id, const std::string& model,
                                    const AnswerPart& answer);

/// Tells an answer part by part, as events; the name of each is its "type".
class MessageEvents {
 public:
  MessageEvents(std::string id, std::string model) : id_(std::move(id)), model_(std::move(model)) {}

  /// The events of the answer's next part; with the first come those that begin the message, with the last
  /// those that end it.
  std::vector<nlohmann::ordered_json> of(const AnswerPart& part);

 private:
  void begin_message(const AnswerFigures& figures);
  void begin_block(std::string_view type, const nlohmann::ordered_json& block);
  void end_block();
  void add_to_block(std::string_view type, const nlohmann::ordered_json& block,
                    const nlohmann::ordered_json& delta);
  void add_call(const CallPart& call);
  void end_message(const AnswerPart& last);

  std::string id_, model_;
  std::vector<nlohmann::ordered_json> events_;
  bool begun_ = false;
  int index_ = -1;         // of the block that was begun last
  std::string open_type_;  // of the block that is going on; empty for none
};

}  // namespace hearth::serve::anthropic
