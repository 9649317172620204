// Anthropic's API.
#pragma once

#include "apps/serve/service.h"

namespace hearth::serve::anthropic {

void add_routes(Routes& routes);

Awaitable<> messages(Service& service, Exchange& exchange);
Awaitable<> count_tokens(Service& service, Exchange& exchange);

}  // namespace hearth::serve::anthropic
