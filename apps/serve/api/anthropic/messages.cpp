// POST /v1/messages, and what counts the tokens of one.
#include "apps/serve/api/anthropic/message.h"
#include "apps/serve/api/anthropic/read_messages.h"
#include "apps/serve/api/anthropic/routes.h"
#include "apps/serve/api/random_id.h"

namespace hearth::serve::anthropic {

using nlohmann::ordered_json;

namespace {

Awaitable<> stream_message(Exchange& exchange, AnswerReader& reader, std::string id, std::string model) {
  MessageEvents events(std::move(id), std::move(model));
  // What can't be answered is refused before the stream begins.
  AnswerPart part = co_await reader.next();
  co_await begin_events(exchange);
  for (;;) {
    for (const ordered_json& event : events.of(part)) {
      co_await write_event(exchange, event, event["type"].get_ref<const std::string&>());
    }
    if (part.ended()) break;
    part = co_await reader.next();
  }
  co_await exchange.end();
}

}  // namespace

Awaitable<> messages(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  const MessagesRequest asked = read_messages(body);
  const auto model = co_await use_model(service, exchange, asked.model);
  if (asked.stream) model->keep_alive(signs_of_life(service, exchange));
  auto answer = co_await model->answer_chat(asked.chat, asked.options);
  AnswerReader reader(std::move(answer), asked.one_call);
  std::string id = random_id("msg_");
  if (asked.stream) {
    co_await stream_message(exchange, reader, std::move(id), model->id());
  } else {
    const AnswerPart whole = co_await reader.rest();
    const ordered_json message = message_json(id, model->id(), whole);
    co_await reply_json(exchange, message);
  }
}

Awaitable<> count_tokens(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  const MessagesRequest asked = read_counted(body);
  const auto model = co_await use_model(service, exchange, asked.model);
  const std::vector<int32_t> tokens = co_await model->chat_tokens(asked.chat);
  const ordered_json count = {{"input_tokens", tokens.size()}};
  co_await reply_json(exchange, count);
}

}  // namespace hearth::serve::anthropic
