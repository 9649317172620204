#include "apps/serve/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <new>
#include <optional>

#include "apps/serve/refusal.h"

namespace hearth::serve {

using nlohmann::ordered_json;

namespace {

bool leads_to(const Route& route, std::string_view path) {
  if (!route.path.empty() && route.path.back() == '*') {
    return path.substr(0, route.path.size() - 1) == route.path.substr(0, route.path.size() - 1);
  }
  return route.path == path;
}

/// The route of a request, or a Refusal.
const Route& route_of(const Routes& routes, const Request& request) {
  std::string methods;
  for (const Route& route : routes) {
    if (!leads_to(route, request.path)) continue;
    if (route.method == request.method || (route.method == "GET" && request.method == "HEAD")) return route;
    methods += (methods.empty() ? "" : ", ") + std::string(route.method);
  }
  if (methods.empty()) {
    throw Refusal(404, ErrorCode::kNotFound,
                  fmt::format("there is nothing at {} {}", request.method, request.path));
  }
  throw Refusal(405, ErrorCode::kInvalidArgument,
                fmt::format("{} takes {}, not {}", request.path, methods, request.method));
}

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

/// What a failure of a handler is to its client; nothing where the client has gone.
std::optional<Refusal> refusal_of_current_exception() {
  try {
    throw;
  } catch (const Refusal& refusal) {
    return refusal;
  } catch (const boost::system::system_error&) {
    return std::nullopt;
  } catch (const std::bad_alloc&) {
    return Refusal(503, ErrorCode::kOutOfMemory, "the server has no memory left for this");
  } catch (const std::exception& fault) {
    return Refusal(500, ErrorCode::kInternal, fmt::format("a fault of the server: {}", fault.what()));
  }
}

Awaitable<> refuse(Exchange& exchange, Dialect dialect, const Refusal& refusal) {
  if (refusal.retry_after) {
    exchange.reply_headers.emplace_back("Retry-After", std::to_string(refusal.retry_after->count()));
  }
  const ordered_json error = error_json(dialect, refusal);
  if (exchange.status() == 0) {
    co_await reply_json(exchange, error, refusal.status);
  } else {  // in the middle of a stream
    co_await write_event(exchange, error, dialect == Dialect::kAnthropic ? "error" : "");
    co_await exchange.end();
  }
}

}  // namespace

ordered_json error_json(Dialect dialect, const Refusal& refusal) {
  switch (dialect) {
    case Dialect::kAnthropic:
      return {{"type", "error"},
              {"error", {{"type", anthropic_type(refusal)}, {"message", refusal.message}}}};
    case Dialect::kOllama:
      return {{"error", refusal.message}};
    case Dialect::kOpenai:
      break;
  }
  ordered_json error = {{"message", refusal.message}, {"type", openai_type(refusal)}, {"param", nullptr}};
  if (!refusal.param.empty()) error["param"] = refusal.param;
  error["code"] = error_code_name(refusal.code);
  return {{"error", error}};
}

Awaitable<std::unique_ptr<ModelUse>> use_model(Service& service, Exchange& /*exchange*/, std::string name) {
  return service.models.use(std::move(name), ordered_json::object());
}

Awaitable<> answer_request(Service& service, const Routes& routes, Exchange& exchange) {
  Dialect dialect = Dialect::kOpenai;
  std::optional<Refusal> refusal;
  try {
    const Route& route = route_of(routes, exchange.request);
    dialect = route.dialect;
    co_await route.handler(service, exchange);
  } catch (...) {
    refusal = refusal_of_current_exception();
  }
  if (refusal) co_await refuse(exchange, dialect, *refusal);
}

}  // namespace hearth::serve
