#include "apps/serve/operation/routes.h"

namespace hearth::serve::operation {

using nlohmann::ordered_json;

namespace {

/// The process is there and answers.
Awaitable<> health(Service& /*service*/, Exchange& exchange) {
  const ordered_json status = {{"status", "ok"}};
  co_await reply_json(exchange, status);
}

/// Whether requests should be sent here.
Awaitable<> ready(Service& service, Exchange& exchange) {
  const char* status = service.is_ready ? "ready" : "loading";
  if (service.connections.draining()) status = "ending";
  const bool is_ready = service.is_ready && !service.connections.draining();
  const ordered_json answer = {{"status", status}};
  co_await reply_json(exchange, answer, is_ready ? 200 : 503);
}

Awaitable<> metrics(Service& service, Exchange& exchange) {
  if (!service.config.metrics) throw Refusal(404, ErrorCode::kNotFound, "metrics are turned off");
  const Metrics::Now now{service.models.loaded(), service.connections.size(), service.running};
  co_await exchange.reply(200, "text/plain; version=0.0.4; charset=utf-8", service.metrics.text(now));
}

}  // namespace

void add_routes(Routes& routes) {
  const Route ours[] = {
      {"GET", "/health", Dialect::kOpenai, health, Scope::kAnyone},
      {"GET", "/v1/health", Dialect::kOpenai, health, Scope::kAnyone},
      {"GET", "/ready", Dialect::kOpenai, ready, Scope::kAnyone},
      {"GET", "/metrics", Dialect::kOpenai, metrics, Scope::kAdmin},
  };
  routes.insert(routes.end(), std::begin(ours), std::end(ours));
}

}  // namespace hearth::serve::operation
