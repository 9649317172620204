// A WebSocket on a connection. Pings and the time that its client has to answer them are Beast's.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <optional>
#include <string>

#include "apps/serve/http/connections.h"
#include "apps/serve/http/limits.h"
#include "apps/serve/http/request.h"
#include "apps/serve/http/web_socket.h"
#include "apps/serve/refusal.h"

namespace hearth::serve {

/// Other requests may not: what they ask for is to end when their clients leave.
inline bool asks_for_web_socket(const Request& request) {
  return request.method == "GET" && boost::beast::iequals(request.header("Upgrade"), "websocket");
}

template <typename Stream>
class BeastWebSocket final : public WebSocket {
 public:
  BeastWebSocket(OpenConnection& connection, Stream& stream, const HttpLimits& limits)
      : connection_(connection), limits_(limits), socket_(stream) {
    namespace websocket = boost::beast::websocket;
    socket_.set_option(websocket::stream_base::timeout::suggested(boost::beast::role_type::server));
    socket_.read_message_max(limits.body_bytes);
    socket_.text(true);
    socket_.auto_fragment(false);
  }

  /// Throws a Refusal where the request is no handshake.
  Awaitable<> accept(const Request& request) {
    namespace http = boost::beast::http;
    http::request<http::empty_body> handshake(http::string_to_verb(request.method), request.path, 11);
    for (const auto& [name, value] : request.headers) handshake.insert(name, value);
    if (!boost::beast::websocket::is_upgrade(handshake)) {
      throw Refusal(426, ErrorCode::kInvalidArgument,
                    "here only WebSockets are answered, by their handshake");
    }
    co_await socket_.async_accept(handshake, net::use_awaitable);
  }

  Awaitable<std::optional<std::string>> read() override {
    boost::beast::flat_buffer buffer;
    const auto [error, size] = co_await socket_.async_read(buffer, net::as_tuple(net::use_awaitable));
    if (error) co_return std::nullopt;
    const auto data = buffer.cdata();
    co_return std::string(static_cast<const char*>(data.data()), data.size());
  }

  Awaitable<> write(std::string_view text) override {
    connection_.allow(limits_.write_time);
    co_await socket_.async_write(net::buffer(text), net::use_awaitable);
    connection_.allow_any_time();
  }

  void rest(bool at_rest) override { connection_.idle = at_rest; }

 private:
  OpenConnection& connection_;
  const HttpLimits& limits_;
  boost::beast::websocket::stream<Stream&> socket_;
};

}  // namespace hearth::serve
