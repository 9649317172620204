// The answer in the form of OpenAI's Responses API: a response of output items, and the events by which it
// grows.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "apps/serve/api/answer_parts.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::responses {

/// Every event has its "type", and a "sequence_number" from 0.
using Events = std::vector<nlohmann::ordered_json>;

class ResponseWriter {
 public:
  /// `told`: what the response repeats of its request; `summarizes`: what is thought is told as a summary.
  ResponseWriter(const std::string& id, const std::string& model, const nlohmann::ordered_json& told,
                 bool summarizes);

  /// That it is begun.
  Events begin();
  /// The answer's next part; with the last come those that end the response.
  Events add(const AnswerPart& part);
  /// That it has failed.
  Events fail(const Refusal& refusal);

  /// As far as it is written.
  const nlohmann::ordered_json& json() const { return response_; }

 private:
  enum class Open : uint8_t { kNothing, kReasoning, kMessage, kCall };

  void push(std::string_view type, nlohmann::ordered_json members);
  /// With what tells its item, and which part of that.
  void push_of_item(std::string_view type, nlohmann::ordered_json members = nlohmann::ordered_json::object());
  void push_of_part(std::string_view type, nlohmann::ordered_json members);
  nlohmann::ordered_json& item() { return response_["output"].back(); }
  nlohmann::ordered_json& part() { return item()[is_summary() ? "summary" : "content"][0]; }
  bool is_summary() const { return open_ == Open::kReasoning && summarizes_; }

  void open(Open kind, nlohmann::ordered_json item);
  void open_reasoning();
  void open_message();
  void close(std::string_view status);
  void close_part();
  void add_reasoning(const std::string& text);
  void add_text(const std::string& text, const nlohmann::ordered_json& logprobs);
  void add_call(const CallPart& call);
  void end(const AnswerPart& last);

  nlohmann::ordered_json response_;
  bool summarizes_;
  Open open_ = Open::kNothing;
  Events events_;
  int sequence_number_ = 0;
};

}  // namespace hearth::serve::responses
