// The parts of the server, put together, and its life: it listens, reads its configuration again when it is
// told to (SIGHUP), and ends when its answers are finished (SIGTERM, SIGINT).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <memory>
#include <optional>

#include "apps/serve/gate.h"
#include "apps/serve/http/listener.h"
#include "apps/serve/serve.h"

namespace hearth::serve {

class Server {
 public:
  Server(const ServeOptions& options, Routes routes);

  /// All that can go wrong before it listens.
  Result<void> prepare();
  /// Until it is told to end; the process ends with it.
  [[noreturn]] void run();

 private:
  Result<void> add_models();
  Result<void> listen();
  Awaitable<> load_first_models();
  Awaitable<> follow_signals();
  Awaitable<> finish();
  void reload();
  void take_config();

  const ServeOptions& options_;
  ServerConfig config_;
  // What answers are counted in outlives whatever may still be on its way to be counted.
  Metrics metrics_;
  Log log_;
  net::io_context io_{1};
  net::signal_set signals_{io_, SIGINT, SIGTERM, SIGHUP};  // caught from before it listens on
  net::thread_pool pool_;
  Catalog catalog_;
  Models models_;
  Callers callers_;
  Routes routes_;
  Service service_;
  Gate gate_;
  HttpService http_;
  std::optional<Listener> listener_;
};

}  // namespace hearth::serve
