// What can be asked for on a WebSocket.
#pragma once

#include <string_view>

#include "apps/serve/api/socket/session.h"

namespace hearth::serve::socket {

/// Whether a request for it counts among those that its key may make: those that only look or cancel do not.
bool is_charged(std::string_view function);

/// Does what the request says; gives the data of its last message. Throws a Refusal.
Awaitable<nlohmann::ordered_json> call_function(Session& session, const SocketRequest& request);

}  // namespace hearth::serve::socket
