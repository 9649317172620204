#include "apps/serve/http/connections.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>

namespace hearth::serve {

namespace {

/// How late a deadline may be noticed.
constexpr std::chrono::milliseconds kDeadlinePause{100};

}  // namespace

void OpenConnection::interrupt_if_late(Clock::time_point now) {
  if (deadline_ <= now) {
    allow_any_time();
    interrupt(Interruption::kWaiting);
  } else if (answer_deadline_ <= now) {
    allow_any_answer();
    interrupt(Interruption::kAnswer);
  }
}

Awaitable<> Connections::watch() {
  net::steady_timer timer(co_await net::this_coro::executor);
  for (;;) {
    timer.expires_after(kDeadlinePause);
    co_await timer.async_wait(net::use_awaitable);
    const auto now = OpenConnection::Clock::now();
    for (OpenConnection* connection : open_) connection->interrupt_if_late(now);
  }
}

bool Connections::end_an_idle_one() {
  const auto found = std::find_if(open_.begin(), open_.end(), [](const OpenConnection* connection) {
    return connection->idle && connection->interruption == OpenConnection::Interruption::kNone;
  });
  if (found == open_.end()) return false;
  (*found)->interrupt(OpenConnection::Interruption::kClosing);
  return true;
}

void Connections::drain() {
  draining_ = true;
  for (OpenConnection* connection : open_) {
    if (connection->idle) connection->interrupt(OpenConnection::Interruption::kClosing);
  }
}

void Connections::close() {
  draining_ = true;
  for (OpenConnection* connection : open_) connection->interrupt(OpenConnection::Interruption::kClosing);
}

}  // namespace hearth::serve
