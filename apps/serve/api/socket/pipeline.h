// Workflows on a WebSocket.
#pragma once

#include "apps/serve/api/socket/session.h"

namespace hearth::serve::socket {

/// Runs a workflow: each event as data, the last one as that of the last message.
Awaitable<nlohmann::ordered_json> execute_pipeline(Session& session, const SocketRequest& request);

}  // namespace hearth::serve::socket
