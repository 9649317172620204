// Something that is made when it is first asked for, such as a loaded model: those who ask while it is being
// made wait for the same. On the network's thread.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "apps/serve/net.h"

namespace hearth::serve {

template <typename T>
class OnDemand {
 public:
  using Make = std::function<Awaitable<T>()>;

  /// What there is, or what `make` gives, which goes on even where those who wait for it leave. What it
  /// throws reaches all who wait; who asks next has it tried again.
  Awaitable<T> get(Make make) {
    const std::shared_ptr<State> state = state_;
    if (state->value) co_return *state->value;
    std::shared_ptr<Making> making = state->making;
    if (!making) {
      const net::any_io_executor executor = co_await net::this_coro::executor;
      making = std::make_shared<Making>(executor);
      state->making = making;
      // The signal has to outlive what it may cancel.
      const auto ended = [making](const std::exception_ptr&) {};
      net::co_spawn(executor, run(state, making, std::move(make)),
                    net::bind_cancellation_slot(making->signal.slot(), ended));
    }
    boost::system::error_code ended;
    co_await making->done.async_wait(net::redirect_error(net::use_awaitable, ended));
    if (making->failure) std::rethrow_exception(making->failure);
    if (!making->value) throw boost::system::system_error(ended);  // who waits has left
    co_return *making->value;
  }

  /// nullptr where there is none yet.
  const T* peek() const { return state_->value ? &*state_->value : nullptr; }
  bool is_being_made() const { return state_->making != nullptr; }
  void forget() { state_->value.reset(); }
  /// Cancels the making, where it is being made; those who wait are told so.
  void stop() {
    const std::shared_ptr<Making> making = state_->making;
    if (making) making->signal.emit(net::cancellation_type::terminal);
  }

 private:
  struct Making {
    explicit Making(const net::any_io_executor& executor)
        : done(executor, net::steady_timer::time_point::max()) {}

    net::steady_timer done;  // ends with the making
    net::cancellation_signal signal;
    std::optional<T> value;
    std::exception_ptr failure;
  };
  struct State {
    std::optional<T> value;
    std::shared_ptr<Making> making;
  };

  static Awaitable<> run(std::shared_ptr<State> state, std::shared_ptr<Making> making, Make make) {
    try {
      making->value = co_await make();
      state->value = making->value;
    } catch (...) {
      making->failure = std::current_exception();
    }
    state->making.reset();
    making->done.cancel();
  }

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace hearth::serve
