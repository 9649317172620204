// What can be asked for on a WebSocket.
#pragma once

#include "apps/serve/api/socket/session.h"

namespace hearth::serve::socket {

/// Does what the request says; gives the data of its last message. Throws a Refusal.
Awaitable<nlohmann::ordered_json> call_function(Session& session, const SocketRequest& request);

}  // namespace hearth::serve::socket
