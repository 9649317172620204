#include "apps/serve/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <cmath>
#include <new>
#include <optional>

#include "apps/serve/admission.h"
#include "apps/serve/http/origin.h"

namespace hearth::serve {

namespace {

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

/// What a browser asks before it lets a page send a request.
Awaitable<> reply_to_preflight(Exchange& exchange) {
  Headers& headers = exchange.reply_headers;
  const std::string_view wanted = exchange.request.header("Access-Control-Request-Headers");
  headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE, OPTIONS");
  if (!wanted.empty()) headers.emplace_back("Access-Control-Allow-Headers", wanted);
  if (!exchange.request.header("Access-Control-Request-Private-Network").empty()) {
    headers.emplace_back("Access-Control-Allow-Private-Network", "true");
  }
  headers.emplace_back("Access-Control-Max-Age", "3600");
  return exchange.reply(200, "", "");
}

}  // namespace

Awaitable<> Gate::answer(Exchange& exchange) {
  std::optional<Refusal> refusal;
  try {
    begin(exchange);
    check_origin(exchange);
    if (exchange.request.method == "OPTIONS") co_return co_await reply_to_preflight(exchange);
    const Route& route = route_of(routes_, exchange.request);
    exchange.record->dialect = route.dialect;
    exchange.record->route = route.path;
    if (route.dialect == Dialect::kAnthropic) {  // its clients look for it there
      exchange.reply_headers.emplace_back("request-id", exchange.record->id);
    }
    admit(exchange, route);
    if (service_.config.limits.request_time != kForever) exchange.allow(service_.config.limits.request_time);
    co_await route.handler(service_, exchange);
  } catch (...) {
    refusal = refusal_of_current_exception();
  }
  if (refusal) co_await refuse(exchange, *refusal);
}

void Gate::begin(Exchange& exchange) {
  ++service_.running;
  exchange.record = std::make_shared<RequestRecord>();
  exchange.record->id = request_id_of(exchange.request.header("x-request-id"));
  exchange.record->trace = trace_of(exchange.request.header("traceparent"));
  exchange.reply_headers.emplace_back("X-Request-Id", exchange.record->id);
  exchange.reply_headers.emplace_back("traceparent", exchange.record->trace.traceparent());
}

void Gate::check_origin(Exchange& exchange) {
  const ServerConfig& config = service_.config;
  const Request& request = exchange.request;
  // A page that was made to take this server for its own has no key to show.
  const bool is_open = config.socket.empty() && !service_.callers.ask_for_keys() && !config.insecure;
  if (is_open && !request.host.empty() && request.host != config.host &&
      !is_own_host(request.host, config.host_names)) {
    throw Refusal(
        403, ErrorCode::kServer,
        fmt::format("the server is not called '{}'; the key hostNames of hearth.yaml lists more names",
                    request.host));
  }
  const std::string_view origin = request.header("Origin");
  if (origin.empty()) return;
  if (!allows_origin(origin, request.host, config.cors.origins)) {
    throw Refusal(
        403, ErrorCode::kServer,
        fmt::format("pages of {} may not use the server; the key cors.origins of hearth.yaml lists those "
                    "that may",
                    origin));
  }
  exchange.reply_headers.emplace_back("Access-Control-Allow-Origin", origin);
  exchange.reply_headers.emplace_back("Access-Control-Expose-Headers", "*");
  const std::vector<std::string>& listed = config.cors.origins;
  if (std::find(listed.begin(), listed.end(), "*") == listed.end()) {
    exchange.reply_headers.emplace_back("Access-Control-Allow-Credentials", "true");
  }
  exchange.reply_headers.emplace_back("Vary", "Origin");
}

void Gate::admit(Exchange& exchange, const Route& route) {
  RequestRecord& record = *exchange.record;
  record.for_anyone = route.scope == Scope::kAnyone;
  if (record.for_anyone) return;
  refuse_while_ending(service_);
  if (!service_.callers.ask_for_keys()) return;
  record.key = service_.callers.identify(exchange.request);
  require_scope(record, route.scope);
  if (exchange.request.method == "POST")
    charge(service_, record, exchange.request.body.size(), exchange.reply_headers);
}

Awaitable<> Gate::refuse(Exchange& exchange, const Refusal& refusal) {
  if (!exchange.record) begin(exchange);
  if (refusal.status == 401) exchange.reply_headers.emplace_back("WWW-Authenticate", "Bearer");
  // What cannot be done here is no trouble of the server's, and the message quotes what the client wrote.
  if (refusal.status >= 500 && refusal.status != 501) {
    service_.log.say(
        refusal.code == ErrorCode::kInternal ? LogLevel::kError : LogLevel::kWarning, "refused",
        {{"id", exchange.record->id}, {"code", error_code_name(refusal.code)}, {"why", refusal.message}});
  }
  return write_refusal(exchange, exchange.record->dialect, refusal);
}

void Gate::end(Exchange& exchange, bool left) {
  if (!exchange.record) return;
  --service_.running;
  const RequestRecord& record = *exchange.record;
  const int status = left ? kClientLeft : exchange.status();
  const double seconds = std::chrono::duration<double>(RequestRecord::Clock::now() - record.began).count();
  // Methods that are unknown, and paths, are as many as a client likes.
  const std::string method = record.route.empty() ? "" : exchange.request.method;
  service_.metrics.count_request(record.route, method, status, record.key_id(), seconds);
  // What looks after the server asks again and again.
  const LogLevel level = record.for_anyone ? LogLevel::kDebug : LogLevel::kInfo;
  if (service_.log.tells(level)) log(exchange, level, status, seconds);
}

void Gate::log(const Exchange& exchange, LogLevel level, int status, double seconds) const {
  const RequestRecord& record = *exchange.record;
  const auto milliseconds = [](double value) { return std::round(value * 1e5) / 100; };
  Log::Fields fields = {
      {"id", record.id},  {"method", exchange.request.method}, {"path", exchange.request.path},
      {"status", status}, {"ms", milliseconds(seconds)},       {"peer", exchange.request.peer}};
  if (!record.trace.parent_id.empty()) fields["trace"] = record.trace.trace_id;
  if (record.key) fields["key"] = record.key->id;
  if (!record.model.empty()) fields["model"] = record.model;
  if (record.prompt_tokens > 0) {
    fields["promptTokens"] = record.prompt_tokens;
    fields["cachedTokens"] = record.cached_tokens;
    fields["completionTokens"] = record.completion_tokens;
  }
  if (record.first_token) {
    fields["firstTokenMs"] =
        milliseconds(std::chrono::duration<double>(*record.first_token - record.began).count());
  }
  if (service_.log.has_prompts()) {
    fields["asked"] = exchange.request.body;
    fields["answered"] = record.answers;
  }
  service_.log.say(level, "request", fields);
}

}  // namespace hearth::serve
