// What is done with responses that are kept: /v1/responses/{id} and /v1/responses/{id}/input_items.
#include <algorithm>
#include <charconv>
#include <string_view>

#include "apps/serve/api/responses/routes.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::responses {

using nlohmann::ordered_json;

namespace {

constexpr size_t kMostItems = 100;
constexpr size_t kItems = 20;

/// What follows /v1/responses/, and whether it ends with the name of a list in the response.
struct Place {
  std::string id;
  std::string list;  // "" for the response itself
};

Place place_of(const Request& request) {
  const std::string rest = request.path.substr(std::string_view("/v1/responses/").size());
  const size_t slash = rest.find('/');
  if (slash == std::string::npos) return {rest, ""};
  return {rest.substr(0, slash), rest.substr(slash + 1)};
}

[[noreturn]] void refuse_place(const Request& request) {
  throw Refusal(404, ErrorCode::kNotFound, "there is nothing at " + request.method + " " + request.path);
}

[[noreturn]] void refuse_unknown(const std::string& id) {
  throw Refusal(404, ErrorCode::kNotFound,
                "there is no response '" + id + "'; they are kept for some time, unless 'store' is false");
}

Turns find(Service& service, Exchange& exchange, const std::string& id) {
  Turns turns = service.responses.find(tenant_of(exchange), id);
  if (turns.empty()) refuse_unknown(id);
  return turns;
}

size_t limit_of(const Request& request) {
  const std::string given = request.parameter("limit");
  if (given.empty()) return kItems;
  size_t limit = 0;
  const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), limit);
  if (error != std::errc() || end != given.data() + given.size() || limit < 1 || limit > kMostItems) {
    refuse_param("limit", "must be a whole number from 1 to 100");
  }
  return limit;
}

/// What was asked, the whole conversation, in pages: the newest first unless "order" is "asc".
ordered_json list_items(const Request& request, const Turns& turns) {
  std::vector<ordered_json> items;
  for (const auto& turn : turns) {
    if (&turn != &turns.front()) {
      const ordered_json& answered = turns[static_cast<size_t>(&turn - turns.data()) - 1]->response["output"];
      items.insert(items.end(), answered.begin(), answered.end());
    }
    items.insert(items.end(), turn->input.begin(), turn->input.end());
  }
  if (request.parameter("order") != "asc") std::reverse(items.begin(), items.end());
  const std::string after = request.parameter("after");
  if (!after.empty()) {
    const auto last = std::find_if(items.begin(), items.end(),
                                   [&](const ordered_json& item) { return item["id"] == after; });
    if (last == items.end()) refuse_param("after", "names no item of this response");
    items.erase(items.begin(), last + 1);
  }
  const size_t limit = limit_of(request);
  const bool has_more = items.size() > limit;
  if (has_more) items.resize(limit);
  const ordered_json first = items.empty() ? ordered_json() : items.front()["id"];
  const ordered_json last = items.empty() ? ordered_json() : items.back()["id"];
  return {{"object", "list"},
          {"data", std::move(items)},
          {"first_id", first},
          {"last_id", last},
          {"has_more", has_more}};
}

}  // namespace

Awaitable<> get_response(Service& service, Exchange& exchange) {
  const Place place = place_of(exchange.request);
  const Turns turns = find(service, exchange, place.id);
  if (place.list == "input_items") {
    const ordered_json list = list_items(exchange.request, turns);
    co_return co_await reply_json(exchange, list);
  }
  if (!place.list.empty()) refuse_place(exchange.request);
  if (exchange.request.parameter("stream") == "true") {
    refuse_param("stream", "a response that is kept is not told as events again");
  }
  co_await reply_json(exchange, turns.back()->response);
}

Awaitable<> delete_response(Service& service, Exchange& exchange) {
  const Place place = place_of(exchange.request);
  if (!place.list.empty()) refuse_place(exchange.request);
  if (!service.responses.forget(tenant_of(exchange), place.id)) refuse_unknown(place.id);
  const ordered_json deleted = {{"id", place.id}, {"object", "response"}, {"deleted", true}};
  co_await reply_json(exchange, deleted);
}

Awaitable<> cancel_response(Service& service, Exchange& exchange) {
  const Place place = place_of(exchange.request);
  if (place.list != "cancel") refuse_place(exchange.request);
  (void)find(service, exchange, place.id);
  throw Refusal(400, ErrorCode::kInvalidArgument,
                "only a response with 'background' can be cancelled, and there are none: it ends when its "
                "client leaves");
  co_return;
}

}  // namespace hearth::serve::responses
