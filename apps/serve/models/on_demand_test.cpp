#include "apps/serve/models/on_demand.h"

#include <gtest/gtest.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <chrono>
#include <stdexcept>

#include "apps/serve/models/coroutine_testing.h"

namespace hearth::serve {
namespace {

using net::experimental::awaitable_operators::operator&&;
using net::experimental::awaitable_operators::operator||;

class OnDemandTest : public ::testing::Test {
 protected:
  Awaitable<int> make() {
    ++made_;
    net::steady_timer timer(co_await net::this_coro::executor, takes_);
    co_await timer.async_wait(net::use_awaitable);
    if (fails_) throw std::runtime_error("no luck");
    co_return made_;
  }
  Awaitable<int> get() {
    return value_.get([this] { return make(); });
  }

  net::io_context io_;
  OnDemand<int> value_;
  int made_ = 0;
  bool fails_ = false;
  std::chrono::steady_clock::duration takes_ = std::chrono::milliseconds(1);
};

TEST_F(OnDemandTest, IsMadeOnceForAllWhoAskMeanwhileAndAfterwards) {
  run(io_, [&]() -> Awaitable<> {
    const auto [first, second] = co_await (get() && get());
    EXPECT_EQ(first, 1);
    EXPECT_EQ(second, 1);
    const int third = co_await get();
    EXPECT_EQ(third, 1);
  });
  EXPECT_EQ(made_, 1);
  ASSERT_NE(value_.peek(), nullptr);
  EXPECT_EQ(*value_.peek(), 1);
}

TEST_F(OnDemandTest, IsMadeAnewWhenItHasBeenForgotten) {
  run(io_, [&]() -> Awaitable<> { (void)co_await get(); });
  value_.forget();
  EXPECT_EQ(value_.peek(), nullptr);
  run(io_, [&]() -> Awaitable<> {
    const int again = co_await get();
    EXPECT_EQ(again, 2);
  });
}

TEST_F(OnDemandTest, TellsWhatWentWrongToAllWhoWaitAndIsTriedAgain) {
  fails_ = true;
  int failures = 0;
  const auto count_failure = [&]() -> Awaitable<> {
    try {
      (void)co_await get();
    } catch (const std::runtime_error&) {
      ++failures;
    }
  };
  run(io_, [&]() -> Awaitable<> { co_await (count_failure() && count_failure()); });
  EXPECT_EQ(failures, 2);
  EXPECT_EQ(made_, 1);
  fails_ = false;
  run(io_, [&]() -> Awaitable<> { (void)co_await get(); });
  EXPECT_EQ(made_, 2);
}

TEST_F(OnDemandTest, TellsAllWhoWaitThatItIsGivenUpAndIsTriedAgain) {
  takes_ = std::chrono::hours(1);
  int failures = 0;
  const auto count_failure = [&]() -> Awaitable<> {
    try {
      (void)co_await get();
    } catch (const boost::system::system_error&) {
      ++failures;
    }
  };
  const auto stop = [&]() -> Awaitable<> {
    value_.stop();
    co_return;
  };
  run(io_, [&]() -> Awaitable<> { co_await (count_failure() && count_failure() && stop()); });
  EXPECT_EQ(failures, 2);
  EXPECT_FALSE(value_.is_being_made());
  takes_ = std::chrono::hours(0);
  run(io_, [&]() -> Awaitable<> { (void)co_await get(); });
  value_.stop();  // nothing is being made
  ASSERT_NE(value_.peek(), nullptr);
}

TEST_F(OnDemandTest, GoesOnWhereTheFirstToAskLeaves) {
  run(io_, [&]() -> Awaitable<> {
    const auto leave = []() -> Awaitable<> { co_return; };
    const auto left = co_await (get() || leave());
    EXPECT_EQ(left.index(), 1U);
    const int value = co_await get();
    EXPECT_EQ(value, 1);
  });
  EXPECT_EQ(made_, 1);
}

}  // namespace
}  // namespace hearth::serve
