#include "apps/serve/http/connections.h"

#include <boost/asio/steady_timer.hpp>

namespace hearth::serve {

namespace {

/// How late a deadline may be noticed.
constexpr std::chrono::milliseconds kDeadlinePause{100};

}  // namespace

Awaitable<> Connections::watch() {
  net::steady_timer timer(co_await net::this_coro::executor);
  for (;;) {
    timer.expires_after(kDeadlinePause);
    co_await timer.async_wait(net::use_awaitable);
    const auto now = OpenConnection::Clock::now();
    for (OpenConnection* connection : open_) {
      if (connection->deadline > now) continue;
      connection->allow_any_time();
      connection->expired = true;
      connection->interrupt();
    }
  }
}

void Connections::drain() {
  draining_ = true;
  for (OpenConnection* connection : open_) {
    if (connection->idle) connection->interrupt();
  }
}

void Connections::close() {
  draining_ = true;
  for (OpenConnection* connection : open_) connection->interrupt();
}

}  // namespace hearth::serve
