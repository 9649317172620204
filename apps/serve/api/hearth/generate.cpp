// POST /v1/hearth/generate.
#include <fmt/format.h>

#include <limits>

#include "apps/serve/api/hearth/routes.h"
#include "apps/serve/api/members.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::native {

using nlohmann::ordered_json;

namespace {

std::vector<int32_t> tokens_of(const Members& body) {
  std::vector<int32_t> tokens;
  for (const ordered_json& token : body.array("tokens")) {
    const bool is_token =
        token.is_number_unsigned() && token.get<uint64_t>() <= uint64_t{std::numeric_limits<int32_t>::max()};
    if (!is_token) body.refuse("tokens", fmt::format("{} is no token", shown(token)));
    tokens.push_back(token.get<int32_t>());
  }
  return tokens;
}

ordered_json result_of(const StreamEvent& event) {
  return {{"finishReason", hearth_finish_reason_name(event.finish)},
          {"promptTokens", event.prompt_tokens},
          {"cachedTokens", event.cached_tokens},
          {"completionTokens", event.completion_tokens},
          {"queuedMs", event.queued_ms},
          {"prefillMs", event.prefill_ms},
          {"decodeMs", event.decode_ms},
          {"seed", event.seed}};
}

ordered_json json_of(const StreamEvent& event) {
  ordered_json json = {{"text", event.text}, {"completionTokens", event.completion_tokens}};
  if (!event.json.empty()) json["extras"] = ordered_json::parse(event.json);
  if (event.finish != HEARTH_FINISH_NONE) json["result"] = result_of(event);
  return json;
}

/// The end of an answer that fails after it has begun.
ordered_json json_of(const Refusal& refusal) {
  StreamEvent end;
  end.finish = HEARTH_FINISH_ERROR;
  ordered_json result = result_of(end);
  result["error"] = {{"code", error_code_name(refusal.code)}, {"message", refusal.message}};
  return {{"text", ""}, {"result", std::move(result)}};
}

/// The next event of an answer as JSON, and whether it is the last.
struct Piece {
  ordered_json json;
  bool ended;
};

/// What fails before anything was written is a refusal with a status of its own.
Awaitable<Piece> next_piece(const Exchange& exchange, Answer& answer) {
  try {
    const StreamEvent event = co_await answer.next();
    co_return Piece{json_of(event), event.finish != HEARTH_FINISH_NONE};
  } catch (const Refusal& refusal) {
    if (exchange.status() == 0) throw;
    co_return Piece{json_of(refusal), true};
  }
}

}  // namespace

Awaitable<> generate(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  const Members members(body);
  std::vector<int32_t> tokens = tokens_of(members);
  ordered_json options = members["options"];
  if (options.is_null()) options = ordered_json::object();
  if (!options.is_object()) members.refuse("options", "must be an object");
  const auto model = co_await use_model(service, exchange, members.text("model"));
  model->keep_alive(signs_of_life(service, exchange));
  const auto answer = co_await model->answer(std::move(tokens), std::move(options));
  for (bool ended = false; !ended;) {
    const Piece piece = co_await next_piece(exchange, *answer);
    co_await begin_events(exchange);
    co_await write_event(exchange, piece.json);
    ended = piece.ended;
  }
  co_await exchange.end();
}

}  // namespace hearth::serve::native
