// Waiting, in a coroutine, for what another thread does.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "apps/serve/net.h"

namespace hearth::serve {

/// `start` is given a function that any thread may call, once, with the value that is waited for.
template <typename T>
Awaitable<T> completion_of(std::function<void(std::function<void(T)>)> start) {
  const net::any_io_executor executor = co_await net::this_coro::executor;
  co_return co_await net::async_initiate<const net::use_awaitable_t<>, void(T)>(
      [&](auto handler) {
        // Shared, because a std::function has to be copied.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        start([executor, shared = std::move(shared)](T value) {
          net::post(executor, [shared, value = std::move(value)]() mutable { (*shared)(std::move(value)); });
        });
      },
      net::use_awaitable);
}

}  // namespace hearth::serve
