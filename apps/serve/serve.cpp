#include "apps/serve/serve.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "apps/serve/api/anthropic/routes.h"
#include "apps/serve/api/hearth/routes.h"
#include "apps/serve/api/llama/routes.h"
#include "apps/serve/api/ollama/routes.h"
#include "apps/serve/api/openai/routes.h"
#include "apps/serve/api/responses/routes.h"
#include "apps/serve/api/socket/routes.h"
#include "apps/serve/gate.h"
#include "apps/serve/http/listener.h"

namespace hearth::serve {

namespace {

/// Threads for what blocks: tokenizing, reading files.
constexpr size_t kBlockingThreads = 2;

Routes all_routes() {
  Routes routes;
  openai::add_routes(routes);
  llama::add_routes(routes);
  anthropic::add_routes(routes);
  ollama::add_routes(routes);
  responses::add_routes(routes);
  native::add_routes(routes);
  socket::add_routes(routes);
  return routes;
}

/// Waits for the signal to end, then for the requests that are being answered.
Awaitable<> until_told_to_stop(net::io_context& io, Listener& listener, HttpService& http) {
  net::signal_set signals(io, SIGINT, SIGTERM);
  co_await signals.async_wait(net::use_awaitable);
  listener.close();
  http.connections.drain();
  net::steady_timer timer(io);
  while (http.connections.size() > 0) {
    timer.expires_after(std::chrono::milliseconds(20));
    co_await timer.async_wait(net::use_awaitable);
  }
  io.stop();
}

}  // namespace

Result<void> serve(const ServeOptions& options,
                   const std::function<void(const std::string& address)>& ready) {
  net::io_context io(1);
  net::thread_pool pool(kBlockingThreads);
  Catalog catalog(pool, kForever);
  for (const ModelDescription& description : options.models) HEARTH_TRY(catalog.add(description));
  catalog.use_store(store::ModelStore());
  Models models(pool, catalog, options.memory_budget);
  Service service{models};
  const Routes routes = all_routes();
  Gate gate(service, routes);
  HttpService http{gate, options.limits};

  HEARTH_ASSIGN(Listener listener, options.unix_socket.empty()
                                       ? Listener::on_address(io.get_executor(), options.host, options.port)
                                       : Listener::on_unix_socket(io.get_executor(), options.unix_socket));
  net::co_spawn(io, http.connections.watch(), net::detached);
  net::co_spawn(io, models.tend(), net::detached);
  net::co_spawn(io, listener.run(http), net::detached);
  net::co_spawn(io, until_told_to_stop(io, listener, http), net::detached);
  ready(listener.address(http.tls != nullptr));
  io.run();
  return {};
}

}  // namespace hearth::serve
