// Waiting, in a coroutine, for what another thread does.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "apps/serve/net.h"

namespace hearth::serve {

/// `start` is given a function that any thread may call, once, with the value that is waited for. `hurry` is
/// called where it is not to be waited for any more, and should have the value come soon.
template <typename T>
Awaitable<T> completion_of(std::function<void(std::function<void(T)>)> start,
                           std::function<void()> hurry = {}) {
  const net::any_io_executor executor = co_await net::this_coro::executor;
  co_return co_await net::async_initiate<const net::use_awaitable_t<>, void(T)>(
      [&](auto handler) {
        net::cancellation_slot slot = net::get_associated_cancellation_slot(handler);
        if (hurry && slot.is_connected()) slot.assign([hurry](net::cancellation_type_t) { hurry(); });
        // Shared, because a std::function has to be copied.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        start([executor, slot, shared = std::move(shared)](T value) {
          net::post(executor, [slot, shared, value = std::move(value)]() mutable {
            slot.clear();
            (*shared)(std::move(value));
          });
        });
      },
      net::use_awaitable);
}

}  // namespace hearth::serve
