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

}  // namespace

ordered_json event_json(const GenerationEvent& event) {
  ordered_json json = ordered_json::object();
  for (const ChosenLogprob& chosen : event.logprobs) {
    ordered_json token = token_json(chosen);
    ordered_json& top = token["topLogprobs"] = ordered_json::array();
    for (const TokenLogprob& likely : chosen.top) top.push_back(token_json(likely));
    json["logprobs"].push_back(std::move(token));
  }
  if (event.finish != FinishReason::kNone && event.usage.drafted_tokens > 0) {
    json["speculation"] = {{"draftedTokens", event.usage.drafted_tokens},
                           {"acceptedTokens", event.usage.accepted_tokens}};
  }
  return json;
}

}  // namespace hearth
