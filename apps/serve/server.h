// The parts of the server, put together, and its life: it listens, reads its configuration again when it is
// told to (SIGHUP), and ends when its answers are finished (SIGTERM, SIGINT).
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <list>
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
  /// Returns when it was told to end and nothing that it has begun goes on.
  void run();

 private:
  Result<void> add_models();
  Result<void> listen();
  Awaitable<> load_first_models();
  Awaitable<> follow_signals();
  Awaitable<> finish();
  /// Runs beside the requests, until finish() cancels it.
  void run_beside(Awaitable<> work);
  void reload();
  void take_config();

  const ServeOptions& options_;
  ServerConfig config_;
  // What answers are counted in outlives whatever may still be on its way to be counted.
  Metrics metrics_;
  Log log_;
  Callers callers_;
  // Threads of models and of the pool say what they have done through it as long as they are there.
  net::io_context io_{1};
  net::signal_set signals_{io_, SIGINT, SIGTERM, SIGHUP};  // caught from before it listens on
  bool hurries_ = false;                                   // it was told to end a second time
  std::list<net::cancellation_signal> beside_;             // of what runs beside the requests
  net::thread_pool pool_;
  Catalog catalog_;
  Models models_;
  Routes routes_;
  Service service_;
  Gate gate_;
  HttpService http_;
  std::optional<Listener> listener_;
};

}  // namespace hearth::serve
