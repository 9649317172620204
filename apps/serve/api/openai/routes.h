// OpenAI's API.
#pragma once

#include "apps/serve/service.h"

namespace hearth::serve::openai {

void add_routes(Routes& routes);

Awaitable<> list_models(Service& service, Exchange& exchange);
Awaitable<> show_model(Service& service, Exchange& exchange);
Awaitable<> chat_completions(Service& service, Exchange& exchange);
Awaitable<> completions(Service& service, Exchange& exchange);
Awaitable<> embeddings(Service& service, Exchange& exchange);
Awaitable<> rerank(Service& service, Exchange& exchange);

}  // namespace hearth::serve::openai
