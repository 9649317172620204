#include "apps/serve/api/openai/chat_request.h"

#include <fmt/format.h>

#include "apps/serve/api/openai/chat_messages.h"
#include "apps/serve/api/reasoning.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

constexpr int64_t kMostTopLogprobs = 20;

/// What the answer must be: {"type": "json_schema", "json_schema": {"schema": ...}}, or "json_object", to
/// which llama-server lets a schema be added.
void read_response_format(const Members& body, ordered_json& options) {
  const Members format = body.object("response_format");
  const std::string type = format.text("type", "text");
  if (type == "text") return;
  if (type == "json_object") {
    options["jsonSchema"] = format.has("schema") ? format["schema"] : ordered_json{{"type", "object"}};
  } else if (type == "json_schema") {
    const Members wrapped = format.has("json_schema") ? format.object("json_schema") : format;
    if (!wrapped.has("schema")) wrapped.refuse("schema", "is missing");
    options["jsonSchema"] = wrapped["schema"];
  } else {
    format.refuse("type",
                  fmt::format("must be text, json_object or json_schema, not {}", shown(format["type"])));
  }
  if (!options["jsonSchema"].is_object() && !options["jsonSchema"].is_boolean()) {
    format.refuse("schema", fmt::format("must be a JSON schema, not {}", shown(options["jsonSchema"])));
  }
}

void read_logprobs(const Members& body, ordered_json& options) {
  const int64_t top = body.integer("top_logprobs", 0, kMostTopLogprobs, 0);
  if (body.flag("logprobs", false)) {
    options["logprobs"] = top;
  } else if (top > 0) {
    body.refuse("top_logprobs", "needs logprobs to be true");
  }
}

}  // namespace

ordered_json read_chat(const Members& body) {
  ordered_json chat = {{"messages", read_messages(body)}};
  read_tools(body, chat);
  (void)body.object("chat_template_kwargs");
  if (body.has("chat_template_kwargs")) chat["variables"] = body["chat_template_kwargs"];
  if (!body.flag("add_generation_prompt", true)) chat["addGenerationPrompt"] = false;
  const std::string format = body.text("reasoning_format", "auto");
  if (format == "none") chat["keepReasoning"] = true;
  return chat;
}

ChatRequest read_chat_request(const ordered_json& json) {
  const Members body(json);
  ChatRequest request;
  request.chat = read_chat(body);
  read_generation(body, request);
  read_response_format(body, request.options);
  read_logprobs(body, request.options);
  if (body.has("reasoning_effort")) {
    set_reasoning_effort(body.text("reasoning_effort"), "reasoning_effort", request.chat, request.options);
  }
  for (const ordered_json& modality : body.array("modalities")) {
    if (modality != "text")
      body.refuse("modalities", fmt::format("has {}; answers are text", shown(modality)));
  }
  request.legacy_functions = body.has("functions") && !body.has("tools");
  request.one_call = request.legacy_functions || !body.flag("parallel_tool_calls", true);
  return request;
}

}  // namespace hearth::serve::openai
