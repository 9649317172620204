// What can be asked for on a WebSocket.
#pragma once

#include <string_view>

#include "apps/serve/api/socket/session.h"

namespace hearth::serve::socket {

struct Function {
  std::string_view name;
  /// Whether it counts among the requests that a key may make: what only looks or cancels does not.
  bool is_charged;
  /// Does what the request says; gives the data of its last message. Throws a Refusal.
  Awaitable<nlohmann::ordered_json> (*run)(Session& session, const SocketRequest& request);
};

/// Throws a Refusal where there is none of that name.
const Function& find_function(std::string_view name);

}  // namespace hearth::serve::socket
