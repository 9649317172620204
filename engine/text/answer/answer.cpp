#include "engine/text/answer/answer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/result.h"
#include "engine/text/json_text.h"

namespace hearth {

using nlohmann::ordered_json;

void Answer::add(const AnswerDelta& delta) {
  switch (delta.kind) {
    case AnswerDelta::Kind::kContent:
      content += delta.text;
      return;
    case AnswerDelta::Kind::kReasoning:
      reasoning += delta.text;
      return;
    case AnswerDelta::Kind::kCallBegun:
      calls.push_back({delta.id, delta.name, ""});
      return;
    case AnswerDelta::Kind::kArguments:
      calls.back().arguments += delta.text;
      return;
    case AnswerDelta::Kind::kCallEnded:
      if (!delta.id.empty()) calls.back().id = delta.id;
      return;
  }
}

ordered_json to_json(const std::vector<ToolCall>& calls) {
  ordered_json list = ordered_json::array();
  for (const ToolCall& call : calls) {
    Result<ordered_json> arguments = parse_json(call.arguments, "the arguments");
    const ordered_json shown = arguments.ok() ? *std::move(arguments) : ordered_json(call.arguments);
    list.push_back({{"id", call.id}, {"name", call.name}, {"arguments", shown}});
  }
  return list;
}

ordered_json to_json(const Answer& answer) {
  return {{"content", answer.content}, {"reasoning", answer.reasoning}, {"toolCalls", to_json(answer.calls)}};
}

}  // namespace hearth
