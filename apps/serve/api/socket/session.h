// What goes on on one WebSocket: requests that are answered at the same time, each to its end or until it is
// cancelled.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/serve/http/web_socket.h"
#include "apps/serve/service.h"

namespace hearth::serve::socket {

struct Function;

struct SocketRequest {
  nlohmann::ordered_json id;  // as the client gave it: a text or a number
  const Function* function = nullptr;
  nlohmann::ordered_json params = nlohmann::ordered_json::object();
  std::string tenant;
  std::shared_ptr<RequestRecord> record;  // who asks, and what it takes
};

class Session {
 public:
  Session(Service& service, Exchange& exchange, WebSocket& socket, const net::any_io_executor& executor);

  /// Returns when the socket is closed and all that ran has ended.
  Awaitable<> run();

  Service& service() { return service_; }
  Exchange& exchange() { return exchange_; }

  /// One message of a request's answer. Waits while the client is behind with its reading, and throws where
  /// it has gone.
  Awaitable<> send(const SocketRequest& request, std::string status, nlohmann::ordered_json data);
  /// Ends a request that is being answered. False where none of that id is.
  bool cancel(const nlohmann::ordered_json& id);

 private:
  using Outgoing = net::experimental::channel<void(boost::system::error_code, std::string)>;
  using Running = std::map<std::string, std::unique_ptr<net::cancellation_signal>>;

  Awaitable<> read_requests();
  Awaitable<> write_answers();
  Awaitable<> take(std::string text);
  /// Holds a request to what a request of HTTP is held to. Throws a Refusal.
  void admit(SocketRequest& request, size_t bytes);
  void start(SocketRequest request);
  /// Counts what has come of it, and gives back what it has of its key's.
  void end(SocketRequest& request, int status);
  Awaitable<> answer(SocketRequest request);
  Awaitable<> send_error(nlohmann::ordered_json id, const class Refusal& refusal);

  Service& service_;
  Exchange& exchange_;
  WebSocket& socket_;
  net::any_io_executor executor_;
  Outgoing outgoing_;
  Running running_;            // by the id, as JSON
  net::steady_timer at_rest_;  // ends when nothing runs any more
};

}  // namespace hearth::serve::socket
