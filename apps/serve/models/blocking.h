// What blocks, such as reading files, done on a pool of threads while a coroutine waits for it.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>

#include "apps/serve/models/completion.h"

namespace hearth::serve {

template <typename T>
Awaitable<T> on_pool(net::thread_pool& pool, std::function<T()> work) {
  return completion_of<T>([&pool, work = std::move(work)](std::function<void(T)> done) {
    net::post(pool, [work, done = std::move(done)] { done(work()); });
  });
}

}  // namespace hearth::serve
