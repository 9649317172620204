// Takes connections on an address, or on a Unix socket.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstdint>
#include <string>
#include <variant>

#include "apps/serve/http/connection.h"
#include "engine/base/result.h"

namespace hearth::serve {

class Listener {
 public:
  /// IO where it can't listen there, saying what to do.
  static Result<Listener> on_address(const net::any_io_executor& executor, const std::string& host,
                                     uint16_t port);
  /// A file of a server that is gone is taken over; whoever is in the socket's group may connect (mode 0660).
  static Result<Listener> on_unix_socket(const net::any_io_executor& executor, const std::string& path);

  /// "http://127.0.0.1:8080", or "unix:/run/hearth.sock".
  std::string address(bool tls) const;
  /// Whether only this machine reaches it.
  bool is_local() const;
  /// Serves all who connect until it is closed.
  Awaitable<> run(HttpService& service);
  void close();

 private:
  using Acceptor = std::variant<net::ip::tcp::acceptor, net::local::stream_protocol::acceptor>;

  explicit Listener(Acceptor acceptor) : acceptor_(std::move(acceptor)) {}

  Acceptor acceptor_;
};

}  // namespace hearth::serve
