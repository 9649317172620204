// OpenAI's API.
#pragma once

#include "apps/serve/service.h"

namespace hearth::serve::openai {

void add_routes(Routes& routes);

Awaitable<> list_models(Service& service, Exchange& exchange);
Awaitable<> chat_completions(Service& service, Exchange& exchange);

}  // namespace hearth::serve::openai
