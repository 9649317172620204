// One client's connection: reads requests one after the other, within the limits, and has each answered.
// While an answer is written the connection is read on, so that a client that leaves is noticed at once.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "apps/serve/http/connections.h"
#include "apps/serve/http/handler.h"
#include "apps/serve/http/limits.h"

namespace hearth::serve {

/// TCP or Unix.
using Socket = net::generic::stream_protocol::socket;

struct HttpService {
  HttpHandler& handler;
  HttpLimits limits;
  /// Of the connections from now on; nullptr: without TLS.
  std::unique_ptr<net::ssl::context> tls{};
  Connections connections{};
  uint64_t body_bytes = 0;  // of the requests that are being read or answered
};

/// Serves a connection until it ends. Throws nothing.
Awaitable<> serve_connection(Socket socket, std::string peer, HttpService& service);

}  // namespace hearth::serve
