// What a model's answer consists of: what it says, what it thought before, and the tools that it calls.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace hearth {

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // JSON text; where the answer was cut short, as much of it as there is
};

/// A piece by which an answer grows.
struct AnswerDelta {
  enum class Kind : unsigned char { kContent, kReasoning, kCallBegun, kArguments, kCallEnded };

  Kind kind;
  std::string text;  // what was said or thought, or arguments
  size_t call = 0;   // which call, from 0, for the last three kinds
  std::string id;    // of a call begun; of a call ended where the model names it only then
  std::string name;  // of a call begun
};

struct Answer {
  std::string content;
  std::string reasoning;
  std::vector<ToolCall> calls;

  /// Takes the deltas of one parser, in their order.
  void add(const AnswerDelta& delta);
};

/// {"content", "reasoning", "toolCalls": [{"id", "name", "arguments"}]}. Arguments that were cut short, and
/// are no JSON, are a string.
nlohmann::ordered_json to_json(const Answer& answer);

/// A list of {"id", "name", "arguments"}, as in an answer.
nlohmann::ordered_json to_json(const std::vector<ToolCall>& calls);

}  // namespace hearth
