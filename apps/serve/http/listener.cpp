#include "apps/serve/http/listener.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

namespace hearth::serve {

namespace {

using Tcp = net::ip::tcp;
using Unix = net::local::stream_protocol;

Error cannot_listen(const std::string& where, const boost::system::error_code& error) {
  const bool is_taken = error == net::error::address_in_use;
  return {ErrorCode::kIo,
          fmt::format("can't listen on {}: {}{}", where, error.message(),
                      is_taken ? "; another program does, or choose another port with --port" : "")};
}

/// Whether anybody listens behind the file of a Unix socket.
bool is_served(const net::any_io_executor& executor, const Unix::endpoint& endpoint) {
  Unix::socket probe(executor);
  boost::system::error_code error;
  probe.connect(endpoint, error);
  return !error;
}

std::string peer_of(const Tcp::socket& socket) {
  boost::system::error_code error;
  const Tcp::endpoint peer = socket.remote_endpoint(error);
  return error ? "" : peer.address().to_string();
}
std::string peer_of(const Unix::socket& /*socket*/) { return "unix"; }

/// Answers are sent piece by piece: none waits for the next.
void send_at_once(Tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
}
void send_at_once(Unix::socket& /*socket*/) {}

template <typename Acceptor>
Awaitable<> accept_from(Acceptor& acceptor, HttpService& service) {
  const net::any_io_executor executor = co_await net::this_coro::executor;
  while (acceptor.is_open()) {
    auto [error, socket] = co_await acceptor.async_accept(net::as_tuple(net::use_awaitable));
    if (error == net::error::operation_aborted) break;
    if (error) {  // for example no descriptor left: some connection will end
      net::steady_timer pause(executor, std::chrono::milliseconds(50));
      co_await pause.async_wait(net::use_awaitable);
      continue;
    }
    const bool is_full = service.connections.size() >= service.limits.connections;
    if (is_full && !service.connections.end_an_idle_one()) continue;  // closed
    send_at_once(socket);
    std::string peer = peer_of(socket);
    net::co_spawn(executor, serve_connection(Socket(std::move(socket)), std::move(peer), service),
                  net::detached);
  }
}

}  // namespace

Result<Listener> Listener::on_address(const net::any_io_executor& executor, const std::string& host,
                                      uint16_t port) {
  const std::string where = fmt::format("{}:{}", host, port);
  boost::system::error_code error;
  Tcp::resolver resolver(executor);
  const auto found = resolver.resolve(host, std::to_string(port), Tcp::resolver::passive, error);
  if (error) return cannot_listen(where, error);
  const Tcp::endpoint endpoint = *found.begin();
  Tcp::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(where, error);
  return Listener(std::move(acceptor));
}

Result<Listener> Listener::on_unix_socket(const net::any_io_executor& executor, const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("can't listen on unix:{}: the system takes paths of up to {} bytes", path,
                             sizeof(sockaddr_un::sun_path) - 1)};
  }
  const Unix::endpoint endpoint(path);
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode) && !is_served(executor, endpoint)) {
    ::unlink(path.c_str());
  }
  boost::system::error_code error;
  Unix::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) return cannot_listen("unix:" + path, error);
  ::chmod(path.c_str(), 0660);
  return Listener(std::move(acceptor));
}

std::string Listener::address(bool tls) const {
  boost::system::error_code ignored;
  if (const auto* acceptor = std::get_if<Unix::acceptor>(&acceptor_)) {
    return "unix:" + acceptor->local_endpoint(ignored).path();
  }
  const Tcp::endpoint endpoint = std::get<Tcp::acceptor>(acceptor_).local_endpoint(ignored);
  const std::string host = endpoint.address().to_string();
  const std::string name = endpoint.address().is_v6() ? fmt::format("[{}]", host) : host;
  return fmt::format("{}://{}:{}", tls ? "https" : "http", name, endpoint.port());
}

bool Listener::is_local() const {
  const auto* acceptor = std::get_if<Tcp::acceptor>(&acceptor_);
  boost::system::error_code ignored;
  return acceptor == nullptr || acceptor->local_endpoint(ignored).address().is_loopback();
}

Awaitable<> Listener::run(HttpService& service) {
  if (auto* acceptor = std::get_if<Tcp::acceptor>(&acceptor_)) return accept_from(*acceptor, service);
  return accept_from(std::get<Unix::acceptor>(acceptor_), service);
}

void Listener::close() {
  boost::system::error_code ignored;
  if (auto* acceptor = std::get_if<Unix::acceptor>(&acceptor_)) {
    const std::string path = acceptor->local_endpoint(ignored).path();
    acceptor->close(ignored);
    ::unlink(path.c_str());
  } else {
    std::get<Tcp::acceptor>(acceptor_).close(ignored);
  }
}

}  // namespace hearth::serve
