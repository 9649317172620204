#include "apps/serve/dialect.h"

#include <nlohmann/json.hpp>

#include "apps/serve/json_text.h"
#include "apps/serve/operation/request_record.h"

namespace hearth::serve {

using nlohmann::ordered_json;

namespace {

std::string_view openai_type(const Refusal& refusal) {
  if (!refusal.type.empty()) return refusal.type;
  if (refusal.code == ErrorCode::kContextOverflow) return "exceed_context_size_error";
  switch (refusal.status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 429:
      return "rate_limit_error";
    case 501:
      return "not_supported_error";
    case 503:
      return "unavailable_error";
    default:
      return refusal.status < 500 ? "invalid_request_error" : "server_error";
  }
}

std::string_view anthropic_type(const Refusal& refusal) {
  switch (refusal.status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
      return "overloaded_error";
    default:
      return refusal.status < 500 ? "invalid_request_error" : "api_error";
  }
}

ordered_json error_json(Dialect dialect, const Refusal& refusal, const std::string& request_id) {
  switch (dialect) {
    case Dialect::kAnthropic:
      return {{"type", "error"},
              {"error", {{"type", anthropic_type(refusal)}, {"message", refusal.message}}},
              {"request_id", request_id}};
    case Dialect::kOllama:
      return {{"error", refusal.message}};
    case Dialect::kOpenai:
      break;
  }
  ordered_json error = {{"message", refusal.message}, {"type", openai_type(refusal)}, {"param", nullptr}};
  if (!refusal.param.empty()) error["param"] = refusal.param;
  error["code"] = error_code_name(refusal.code);
  for (const auto& [name, figure] : refusal.figures) error[name] = figure;
  if (refusal.faults) error["faults"] = *refusal.faults;
  return {{"error", error}};
}

}  // namespace

Awaitable<> write_refusal(Exchange& exchange, Dialect dialect, const Refusal& refusal) {
  if (refusal.retry_after) {
    exchange.reply_headers.emplace_back("Retry-After", std::to_string(refusal.retry_after->count()));
  }
  if (!refusal.allowed.empty()) exchange.reply_headers.emplace_back("Allow", refusal.allowed);
  // OpenAI's and Anthropic's clients ask again whatever ends in a status from 500, unless they are told.
  if (refusal.status == 501) exchange.reply_headers.emplace_back("x-should-retry", "false");
  const ordered_json error = error_json(dialect, refusal, exchange.record->id);
  if (exchange.status() == 0) {
    co_await reply_json(exchange, error, refusal.status);
  } else if (dialect == Dialect::kOllama) {  // in the middle of a stream of lines
    co_await exchange.write(json_text(error) + "\n");
    co_await exchange.end();
  } else {  // of events
    co_await write_event(exchange, error, dialect == Dialect::kAnthropic ? "error" : "");
    co_await exchange.end();
  }
}

Awaitable<> write_sign_of_life(Exchange& exchange, Dialect dialect) {
  co_await begin_events(exchange);
  if (dialect == Dialect::kAnthropic) {
    const ordered_json ping = {{"type", "ping"}};
    co_await write_event(exchange, ping, "ping");
  } else {
    co_await exchange.write(": ping\n\n");
  }
}

}  // namespace hearth::serve
