#include "apps/serve/api/socket/routes.h"

#include "apps/serve/api/socket/session.h"
#include "apps/serve/http/web_socket.h"

namespace hearth::serve::socket {

void add_routes(Routes& routes) { routes.push_back({"GET", "/v1/ws", Dialect::kOpenai, talk}); }

Awaitable<> talk(Service& service, Exchange& exchange) {
  const net::any_io_executor executor = co_await net::this_coro::executor;
  const std::unique_ptr<WebSocket> socket = co_await exchange.accept_web_socket();
  Session session(service, exchange, *socket, executor);
  co_await session.run();
}

}  // namespace hearth::serve::socket
