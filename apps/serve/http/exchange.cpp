#include "apps/serve/http/exchange.h"

#include <fmt/core.h>

#include "apps/serve/json_text.h"

namespace hearth::serve {

using nlohmann::ordered_json;

Awaitable<> reply_json(Exchange& exchange, const ordered_json& json, int status) {
  return exchange.reply(status, "application/json; charset=utf-8", json_text(json));
}

ordered_json json_body(const Request& request) { return parse_json_object(request.body, "the body"); }

Awaitable<> begin_events(Exchange& exchange) {
  if (exchange.status() != 0) co_return;
  exchange.reply_headers.emplace_back("Cache-Control", "no-cache");
  co_await exchange.begin(200, "text/event-stream; charset=utf-8");
}

Awaitable<> write_event(Exchange& exchange, const ordered_json& data, std::string_view name) {
  co_await write_event_text(exchange, json_text(data), std::string(name));
}

Awaitable<> write_event_text(Exchange& exchange, std::string data, std::string name) {
  const std::string text =
      name.empty() ? fmt::format("data: {}\n\n", data) : fmt::format("event: {}\ndata: {}\n\n", name, data);
  co_await exchange.write(text);
}

}  // namespace hearth::serve
