#include "apps/serve/api/ollama/routes.h"

#include <fmt/format.h>

#include "apps/serve/json_text.h"
#include "apps/serve/operation/request_record.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::ollama {

using nlohmann::ordered_json;

namespace {

/// Clients look at the version for what a server can do: this one answers as Ollama of this version does.
constexpr std::string_view kOllamaVersion = "0.12.6";

Awaitable<> version(Service& /*service*/, Exchange& exchange) {
  const ordered_json told = {{"version", kOllamaVersion}};
  co_await reply_json(exchange, told);
}

/// Editors send `keep_alive` with each request: of those who may not say how long models stay, it is passed
/// over.
bool may_manage(const Exchange& exchange) {
  const ApiKey* key = exchange.record->key.get();
  return key == nullptr || key->is_admin;
}

Awaitable<> refuse(Service& /*service*/, Exchange& exchange) {
  throw Refusal(501, ErrorCode::kUnsupported,
                fmt::format("{}: models are not made, copied or pushed here; they are GGUF files",
                            exchange.request.path));
  co_return;
}

}  // namespace

void add_routes(Routes& routes) {
  const Route ours[] = {
      {"POST", "/api/generate", Dialect::kOllama, generate},
      {"POST", "/api/chat", Dialect::kOllama, chat},
      {"POST", "/api/embed", Dialect::kOllama, embed},
      {"POST", "/api/embeddings", Dialect::kOllama, embeddings},
      {"GET", "/api/tags", Dialect::kOllama, list_models},
      {"GET", "/api/ps", Dialect::kOllama, list_loaded},
      {"POST", "/api/show", Dialect::kOllama, show_model},
      {"POST", "/api/pull", Dialect::kOllama, pull_model, Scope::kAdmin},
      {"DELETE", "/api/delete", Dialect::kOllama, delete_model, Scope::kAdmin},
      {"GET", "/api/version", Dialect::kOllama, version},
      {"POST", "/api/create", Dialect::kOllama, refuse},
      {"POST", "/api/copy", Dialect::kOllama, refuse},
      {"POST", "/api/push", Dialect::kOllama, refuse},
  };
  routes.insert(routes.end(), std::begin(ours), std::end(ours));
}

Awaitable<> greet(Service& /*service*/, Exchange& exchange) {
  return exchange.reply(200, "text/plain; charset=utf-8", "Ollama is running");
}

Awaitable<std::unique_ptr<ModelUse>> use_model_of(Service& service, Exchange& exchange,
                                                  const ModelRequest& asked) {
  auto model = co_await use_model(service, exchange, asked.model);
  if (asked.keep_alive && may_manage(exchange)) service.models.keep(model->id(), *asked.keep_alive);
  co_return model;
}

Awaitable<> begin_lines(Exchange& exchange) { return exchange.begin(200, "application/x-ndjson"); }

Awaitable<> write_line(Exchange& exchange, const ordered_json& line) {
  const std::string text = json_text(line) + "\n";
  co_await exchange.write(text);
}

}  // namespace hearth::serve::ollama
