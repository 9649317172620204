// /v1/ws: many requests on one WebSocket.
#pragma once

#include "apps/serve/service.h"

namespace hearth::serve::socket {

void add_routes(Routes& routes);

/// GET /v1/ws. A message {"id", "function", "params", "tenant_id"} is answered by messages {"id", "status",
/// "data", "error"}: any number that are "streaming", and one that is "complete", "error" or "cancelled".
Awaitable<> talk(Service& service, Exchange& exchange);

}  // namespace hearth::serve::socket
