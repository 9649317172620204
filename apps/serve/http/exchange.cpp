#include "apps/serve/http/exchange.h"

#include <fmt/core.h>

#include "apps/serve/json_text.h"
#include "apps/serve/refusal.h"

namespace hearth::serve {

using nlohmann::ordered_json;

namespace {

/// No client nests deeper, and what reads it further recurses.
constexpr int kMostDepth = 128;

}  // namespace

Awaitable<> reply_json(Exchange& exchange, const ordered_json& json, int status) {
  return exchange.reply(status, "application/json; charset=utf-8", json_text(json));
}

ordered_json json_body(const Request& request) {
  const auto bounded = [](int depth, ordered_json::parse_event_t event, ordered_json& /*parsed*/) {
    const bool opens = event == ordered_json::parse_event_t::object_start ||
                       event == ordered_json::parse_event_t::array_start;
    if (opens && depth >= kMostDepth) {
      throw Refusal(400, ErrorCode::kInvalidArgument,
                    fmt::format("the body is nested deeper than {} levels", kMostDepth));
    }
    return true;
  };
  try {
    ordered_json body = ordered_json::parse(request.body, bounded);
    if (!body.is_object()) throw Refusal(400, ErrorCode::kInvalidArgument, "the body must be a JSON object");
    return body;
  } catch (const ordered_json::parse_error& fault) {
    throw Refusal(400, ErrorCode::kInvalidArgument,
                  fmt::format("the body is no JSON: {} (byte {})", fault.what(), fault.byte));
  }
}

Awaitable<> begin_events(Exchange& exchange) {
  exchange.reply_headers.emplace_back("Cache-Control", "no-cache");
  return exchange.begin(200, "text/event-stream; charset=utf-8");
}

Awaitable<> write_event(Exchange& exchange, const ordered_json& data, std::string_view name) {
  const std::string text = name.empty() ? fmt::format("data: {}\n\n", json_text(data))
                                        : fmt::format("event: {}\ndata: {}\n\n", name, json_text(data));
  co_await exchange.write(text);
}

}  // namespace hearth::serve
