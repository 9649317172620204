// OpenAI's Responses API.
#pragma once

#include <string>

#include "apps/serve/service.h"

namespace hearth::serve::responses {

void add_routes(Routes& routes);

Awaitable<> create_response(Service& service, Exchange& exchange);
Awaitable<> count_input_tokens(Service& service, Exchange& exchange);
Awaitable<> cancel_response(Service& service, Exchange& exchange);
Awaitable<> get_response(Service& service, Exchange& exchange);
Awaitable<> delete_response(Service& service, Exchange& exchange);

}  // namespace hearth::serve::responses
