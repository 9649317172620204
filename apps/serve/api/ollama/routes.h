// Ollama's API.
#pragma once

#include "apps/serve/api/ollama/read_request.h"
#include "apps/serve/service.h"

namespace hearth::serve::ollama {

void add_routes(Routes& routes);

Awaitable<> generate(Service& service, Exchange& exchange);
Awaitable<> chat(Service& service, Exchange& exchange);
Awaitable<> embed(Service& service, Exchange& exchange);
Awaitable<> embeddings(Service& service, Exchange& exchange);
Awaitable<> list_models(Service& service, Exchange& exchange);
Awaitable<> list_loaded(Service& service, Exchange& exchange);
Awaitable<> show_model(Service& service, Exchange& exchange);
Awaitable<> pull_model(Service& service, Exchange& exchange);
Awaitable<> delete_model(Service& service, Exchange& exchange);

/// Clients ask at / whether anybody is there (page/routes.cpp).
Awaitable<> greet(Service& service, Exchange& exchange);

/// The model, which is kept from now on for as long as the request says.
Awaitable<std::unique_ptr<ModelUse>> use_model_of(Service& service, Exchange& exchange,
                                                  const ModelRequest& asked);

/// Lines of JSON.
Awaitable<> begin_lines(Exchange& exchange);
Awaitable<> write_line(Exchange& exchange, const nlohmann::ordered_json& line);

}  // namespace hearth::serve::ollama
