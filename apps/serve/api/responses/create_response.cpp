// POST /v1/responses, and what counts the tokens of one.
#include <optional>

#include "apps/serve/api/random_id.h"
#include "apps/serve/api/responses/read_request.h"
#include "apps/serve/api/responses/response.h"
#include "apps/serve/api/responses/routes.h"
#include "apps/serve/json_text.h"

namespace hearth::serve::responses {

using nlohmann::ordered_json;

namespace {

/// The conversation that the request goes on in.
Turns turns_before(const Members& body, Service& service, const std::string& tenant) {
  const std::string id = body.text("previous_response_id");
  if (id.empty()) return {};
  Turns turns = service.responses.find(tenant, id);
  if (turns.empty()) {
    throw Refusal(404, ErrorCode::kNotFound,
                  "previous_response_id: there is no response '" + id +
                      "'; they are kept for some time, unless 'store' is false")
        .about("previous_response_id");
  }
  return turns;
}

ResponsesRequest read(const ordered_json& body, const Turns& before, Service& service,
                      const std::string& tenant) {
  return read_request(body, before,
                      [&](const std::string& id) { return service.responses.find_item(tenant, id); });
}

Awaitable<std::unique_ptr<Answer>> answer_what_fits(ModelUse& model, ordered_json chat,
                                                    ordered_json options) {
  std::string text = json_text(chat);
  ordered_json arguments = ordered_json::array({text});
  const Reply reply = co_await model.call("chatTokensThatFit", std::move(arguments));
  options["chat"] = std::move(text);
  std::vector<int32_t> tokens = reply.json()["tokens"];
  co_return co_await model.answer(std::move(tokens), std::move(options));
}

Awaitable<> write_events(Exchange& exchange, const Events& events) {
  for (const ordered_json& event : events) {
    co_await write_event(exchange, event, event["type"].get_ref<const std::string&>());
  }
}

/// What fails behind the first event is told as an event.
Awaitable<> stream_response(Exchange& exchange, AnswerReader& reader, ResponseWriter& writer) {
  AnswerPart part = co_await reader.next();
  co_await begin_events(exchange);
  Events events = writer.begin();
  co_await write_events(exchange, events);
  std::optional<Refusal> refusal;
  try {
    for (;;) {
      events = writer.add(part);
      co_await write_events(exchange, events);
      if (part.ended()) break;
      part = co_await reader.next();
    }
  } catch (const Refusal& failure) {
    refusal = failure;
  }
  if (refusal) {
    events = writer.fail(*refusal);
    co_await write_events(exchange, events);
  }
  co_await exchange.end();
}

}  // namespace

Awaitable<> create_response(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  const std::string tenant = tenant_of(exchange);
  Turns turns = turns_before(Members(body), service, tenant);
  const ResponsesRequest asked = read(body, turns, service, tenant);
  const auto model = co_await use_model(service, exchange, asked.model);
  if (asked.stream) model->keep_alive(signs_of_life(service, exchange));
  std::unique_ptr<Answer> answer;
  if (asked.truncates) {
    answer = co_await answer_what_fits(*model, asked.chat, asked.options);
  } else {
    answer = co_await model->answer_chat(asked.chat, asked.options);
  }
  AnswerReader reader(std::move(answer), asked.one_call);
  ResponseWriter writer(random_id("resp_"), model->id(), asked.told, asked.summarizes);
  if (asked.stream) {
    co_await stream_response(exchange, reader, writer);
  } else {
    const AnswerPart whole = co_await reader.rest();
    (void)writer.add(whole);
  }
  if (asked.stores && writer.json()["status"] != "failed") {
    turns.push_back(std::make_shared<const Turn>(Turn{asked.input, writer.json()}));
    service.responses.keep(tenant, std::move(turns));
  }
  if (!asked.stream) co_await reply_json(exchange, writer.json());
}

Awaitable<> count_input_tokens(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  const std::string tenant = tenant_of(exchange);
  const Turns turns = turns_before(Members(body), service, tenant);
  const ResponsesRequest asked = read(body, turns, service, tenant);
  const auto model = co_await use_model(service, exchange, asked.model);
  const std::vector<int32_t> tokens = co_await model->chat_tokens(asked.chat);
  const ordered_json count = {{"object", "response.input_tokens"}, {"input_tokens", tokens.size()}};
  co_await reply_json(exchange, count);
}

}  // namespace hearth::serve::responses
