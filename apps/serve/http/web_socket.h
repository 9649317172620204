// A connection that carries messages both ways, after a handshake (RFC 6455). Texts alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "apps/serve/net.h"

namespace hearth::serve {

class WebSocket {
 public:
  WebSocket() = default;
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;
  virtual ~WebSocket() = default;

  /// The next message; nothing when it is closed, by whomever. One reader at a time.
  virtual Awaitable<std::optional<std::string>> read() = 0;
  /// Returns when the connection has taken it; throws where it is closed. One writer at a time.
  virtual Awaitable<> write(std::string_view text) = 0;
  /// Whether nothing is going on: then it is closed as soon as the server is to end.
  virtual void rest(bool at_rest) = 0;
};

}  // namespace hearth::serve
