// One client's connection: reads requests one after the other, within the limits, and has each answered.
// While an answer is written the connection is read on, so that a client that leaves is noticed at once.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>

#include "apps/serve/http/connections.h"
#include "apps/serve/http/exchange.h"
#include "apps/serve/http/limits.h"

namespace hearth::serve {

/// TCP or Unix.
using Socket = net::generic::stream_protocol::socket;
/// Answers a request. Cancelled (its next co_await throws) where the client has gone.
using Answerer = std::function<Awaitable<>(Exchange& exchange)>;

struct HttpService {
  Answerer answer;
  HttpLimits limits;
  net::ssl::context* tls = nullptr;  // nullptr: without TLS
  Connections connections{};
};

/// Serves a connection until it ends. Throws nothing.
Awaitable<> serve_connection(Socket socket, std::string peer, HttpService& service);

}  // namespace hearth::serve
