// llama-server's own API, beside OpenAI's: what tools rely on that were written for it.
#pragma once

#include "apps/serve/service.h"

namespace hearth::serve::llama {

void add_routes(Routes& routes);

Awaitable<> completion(Service& service, Exchange& exchange);
Awaitable<> infill(Service& service, Exchange& exchange);
Awaitable<> tokenize(Service& service, Exchange& exchange);
Awaitable<> detokenize(Service& service, Exchange& exchange);
Awaitable<> apply_template(Service& service, Exchange& exchange);
Awaitable<> embedding(Service& service, Exchange& exchange);
Awaitable<> props(Service& service, Exchange& exchange);
Awaitable<> change_props(Service& service, Exchange& exchange);
Awaitable<> slots(Service& service, Exchange& exchange);
Awaitable<> change_slot(Service& service, Exchange& exchange);
Awaitable<> list_adapters(Service& service, Exchange& exchange);
Awaitable<> change_adapters(Service& service, Exchange& exchange);

}  // namespace hearth::serve::llama
