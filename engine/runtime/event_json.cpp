#include "engine/runtime/event_json.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "engine/options/option_values.h"
#include "engine/text/unicode.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

ordered_json token_json(const TokenLogprob& token) {
  return {{"id", token.token},
          {"text", valid_utf8(token.bytes)},
          {"bytes", std::vector<uint8_t>(token.bytes.begin(), token.bytes.end())},
          {"logprob", decimal(token.logprob)}};
}

ordered_json call_json(const AnswerDelta& delta) {
  ordered_json json = {{"index", delta.call}};
  if (!delta.id.empty()) json["id"] = delta.id;
  if (!delta.name.empty()) json["name"] = delta.name;
  if (!delta.text.empty()) json["arguments"] = delta.text;
  if (delta.kind == AnswerDelta::Kind::kCallEnded) json["whole"] = true;
  return json;
}

}  // namespace

ordered_json logprobs_json(std::span<const ChosenLogprob> logprobs) {
  ordered_json json = ordered_json::array();
  for (const ChosenLogprob& chosen : logprobs) {
    ordered_json token = token_json(chosen);
    ordered_json& top = token["topLogprobs"] = ordered_json::array();
    for (const TokenLogprob& likely : chosen.top) top.push_back(token_json(likely));
    json.push_back(std::move(token));
  }
  return json;
}

ordered_json event_json(const GenerationEvent& event) {
  ordered_json json = ordered_json::object();
  if (!event.logprobs.empty()) json["logprobs"] = logprobs_json(event.logprobs);
  if (!event.warnings.empty()) json["warnings"] = event.warnings;
  if (const auto& by = event.computed_by) {
    json["computedBy"] = {{"device", by->device}, {"deviceReason", by->device_reason}};
  }
  if (!event.reasoning.empty()) json["reasoning"] = event.reasoning;
  for (const AnswerDelta& delta : event.calls) json["toolCalls"].push_back(call_json(delta));
  if (!event.stop.empty()) json["stop"] = event.stop;
  if (event.finish != FinishReason::kNone && event.usage.drafted_tokens > 0) {
    json["speculation"] = {{"draftedTokens", event.usage.drafted_tokens},
                           {"acceptedTokens", event.usage.accepted_tokens}};
  }
  return json;
}

}  // namespace hearth
