// Coroutines in tests: run to their end.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>

#include "apps/serve/net.h"

namespace hearth::serve {

/// Runs until `work` has ended; what it throws is thrown. The context goes on with what it left behind, when
/// it is run again.
inline void run(net::io_context& io, std::function<Awaitable<>()> work) {
  std::exception_ptr failure;
  bool ended = false;
  net::co_spawn(io, std::move(work), [&](std::exception_ptr thrown) {
    failure = thrown;
    ended = true;
    io.stop();
  });
  while (!ended) {
    io.restart();
    io.run();
  }
  io.restart();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace hearth::serve
