#include "apps/serve/models/completion.h"

#include <gtest/gtest.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <thread>

#include "apps/serve/models/coroutine_testing.h"

namespace hearth::serve {
namespace {

using net::experimental::awaitable_operators::operator||;

TEST(Completion, IsTheValueThatAnotherThreadGives) {
  net::io_context io;
  std::thread other;
  run(io, [&]() -> Awaitable<> {
    const auto start = [&](std::function<void(int)> done) { other = std::thread([done] { done(7); }); };
    const int value = co_await completion_of<int>(start);
    EXPECT_EQ(value, 7);
  });
  other.join();
}

TEST(Completion, IsHurriedWhereNobodyWaitsForItAnyMore) {
  net::io_context io;
  std::function<void(int)> give;
  bool came = false;
  const auto wait = [&]() -> Awaitable<> {
    const auto start = [&](std::function<void(int)> done) { give = std::move(done); };
    const auto hurry = [&] { give(7); };
    (void)co_await completion_of<int>(start, hurry);
    came = true;
  };
  const auto leave = []() -> Awaitable<> { co_return; };
  run(io, [&]() -> Awaitable<> { (void)co_await (wait() || leave()); });
  EXPECT_TRUE(came);
}

TEST(Completion, IsNotHurriedOnceItIsThere) {
  net::io_context io;
  std::function<void(int)> give;
  int hurried = 0;
  const auto wait = [&]() -> Awaitable<> {
    const auto give_now = [](const std::function<void(int)>& done) { done(7); };
    (void)co_await completion_of<int>(give_now, [&] { ++hurried; });
    const auto keep = [&](std::function<void(int)> done) { give = std::move(done); };
    (void)co_await completion_of<int>(keep);
  };
  const auto leave = [&]() -> Awaitable<> {
    while (!give) co_await net::post(io, net::use_awaitable);
    net::post(io, [&] { net::post(io, [&] { give(7); }); });
  };
  run(io, [&]() -> Awaitable<> { (void)co_await (wait() || leave()); });
  EXPECT_EQ(hurried, 0);
}

}  // namespace
}  // namespace hearth::serve
