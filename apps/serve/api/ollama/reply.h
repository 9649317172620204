// Answers in the form of Ollama's API: lines of JSON, of which the last has the figures.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/serve/api/answer_parts.h"

namespace hearth::serve::ollama {

class ReplyWriter {
 public:
  enum class Form : uint8_t { kGenerate, kChat };
  using Clock = std::chrono::steady_clock;

  /// `model`: as the client calls it.
  ReplyWriter(Form form, std::string model) : form_(form), model_(std::move(model)) {}

  /// The model is there from now on.
  void loaded() { loaded_ = Clock::now(); }
  /// The line of a part of an answer: the last one has the figures. Calls are told when they are whole.
  nlohmann::ordered_json line_of(const AnswerPart& part);
  /// The only line of a request that asks nothing: "load" or "unload".
  nlohmann::ordered_json line_of_no_answer(std::string_view reason) const;

 private:
  nlohmann::ordered_json line(const AnswerPart& part) const;
  nlohmann::ordered_json take_calls(const AnswerPart& part);
  void add_figures(const AnswerPart& last, nlohmann::ordered_json& line) const;

  Form form_;
  std::string model_;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point loaded_ = begun_;
  AnswerPart calls_;  // those so far
};

}  // namespace hearth::serve::ollama
