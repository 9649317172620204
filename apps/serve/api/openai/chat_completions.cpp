// POST /v1/chat/completions.
#include "apps/serve/api/openai/routes.h"
#include "apps/serve/refusal.h"
#include "engine/base/random.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

Awaitable<> chat_completions(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  if (!body.contains("messages")) refuse_param("messages", "is missing");
  ordered_json options = ordered_json::object();
  if (body.contains("max_tokens")) options["maxTokens"] = body["max_tokens"];
  if (body.contains("temperature")) options["temperature"] = body["temperature"];
  const auto model = co_await use_model(service, exchange, body.value("model", ""));
  const ordered_json chat = {{"messages", body["messages"]}};
  const auto answer = co_await model->answer_chat(chat, options);
  const ordered_json head = {{"id", "chatcmpl-1"}, {"model", model->id()}};
  if (body.value("stream", false)) {
    co_await begin_events(exchange);
    for (bool ended = false; !ended;) {
      const StreamEvent event = co_await answer->next();
      ended = event.finish != HEARTH_FINISH_NONE;
      ordered_json chunk = head;
      chunk["object"] = "chat.completion.chunk";
      chunk["choices"] = {{{"index", 0}, {"delta", {{"content", event.text}}}, {"finish_reason", nullptr}}};
      if (ended) chunk["choices"][0]["finish_reason"] = hearth_finish_reason_name(event.finish);
      co_await write_event(exchange, chunk);
    }
    co_await exchange.write("data: [DONE]\n\n");
    co_return co_await exchange.end();
  }
  std::string text;
  StreamEvent event;
  do {
    event = co_await answer->next();
    text += event.text;
  } while (event.finish == HEARTH_FINISH_NONE);
  ordered_json whole = head;
  whole["object"] = "chat.completion";
  whole["choices"] = {{{"index", 0},
                       {"message", {{"role", "assistant"}, {"content", text}}},
                       {"finish_reason", hearth_finish_reason_name(event.finish)}}};
  whole["usage"] = {{"prompt_tokens", event.prompt_tokens},
                    {"completion_tokens", event.completion_tokens},
                    {"total_tokens", event.prompt_tokens + event.completion_tokens}};
  co_await reply_json(exchange, whole);
}

}  // namespace hearth::serve::openai
