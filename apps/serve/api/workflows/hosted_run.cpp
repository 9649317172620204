#include "apps/serve/api/workflows/hosted_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <utility>

#include "apps/serve/models/blocking.h"
#include "apps/workflow/run_error.h"

namespace hearth::serve::workflows {

using Json = HostedRun::Json;

namespace {

/// Pieces of answers that wait to be told, before the models that write them wait, too.
constexpr size_t kMostAhead = 64;

int64_t milliseconds_of(std::chrono::steady_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

HostedRun::HostedRun(Service& service, Caller caller, Listener listener, const net::any_io_executor& executor)
    : service_(service),
      answers_(service, std::move(caller), executor),
      listener_(std::move(listener)),
      executor_(executor),
      happenings_(std::make_shared<Happenings>(executor, kMostAhead)),
      look_(executor),
      at_rest_(executor, Clock::time_point::max()) {}

Awaitable<Json> HostedRun::drive(std::shared_ptr<StartedRun> started) {
  Json last;
  std::exception_ptr failure;
  try {
    last = co_await follow(std::move(started));
  } catch (...) {
    failure = std::current_exception();
  }
  // First: what is cancelled may await nothing else.
  co_await net::this_coro::reset_cancellation_state();
  co_await net::this_coro::throw_if_cancelled(false);
  co_await give_up_calls();
  co_await net::this_coro::throw_if_cancelled(true);
  if (failure) std::rethrow_exception(failure);
  co_return last;
}

/// They work with what is here, and count what they took where the request is counted.
Awaitable<> HostedRun::give_up_calls() {
  for (const auto& [id, signal] : calls_) signal->emit(net::cancellation_type::terminal);
  boost::system::error_code ended;
  while (!calls_.empty()) co_await at_rest_.async_wait(net::redirect_error(net::use_awaitable, ended));
}

Awaitable<Json> HostedRun::follow(std::shared_ptr<StartedRun> started) {
  workflow::Run& run = *started->run;
  for (;;) {
    std::vector<Json> events = co_await advance(started);
    for (Json& event : events) {
      if (event["event"] == "call") {
        begin(event);
      } else if (event["event"] == "cancel") {
        const auto unwanted = calls_.find(event["id"].get<uint64_t>());
        if (unwanted != calls_.end()) unwanted->second->emit(net::cancellation_type::terminal);
      } else if (run.has_ended() && &event == &events.back()) {
        co_return std::move(event);
      } else {
        co_await tell(event);
      }
    }
    co_await wait(run);
  }
}

/// On a thread of its own: templates may be long at work, and requests of others go on.
Awaitable<std::vector<Json>> HostedRun::advance(std::shared_ptr<StartedRun> started) {
  const int64_t now = milliseconds_of(Clock::now());
  const std::function<std::vector<Json>()> work = [started = std::move(started), now] {
    std::vector<Json> events = started->run->advance(now);
    if (!events.empty() && events.back()["event"] == "interrupted")
      events.back()["checkpoint"] = started->run->checkpoint();
    return events;
  };
  co_return co_await on_pool<std::vector<Json>>(service_.pool, work);
}

Awaitable<> HostedRun::tell(const Json& event) {
  if (!listener_.tell) co_return;
  co_await listener_.tell(event);
  told_ = Clock::now();
}

void HostedRun::begin(const Json& call) {
  const auto id = call["id"].get<uint64_t>();
  auto& signal = calls_[id];
  signal = std::make_unique<net::cancellation_signal>();
  const auto ended = [this, id](const std::exception_ptr&) {
    calls_.erase(id);
    if (calls_.empty()) at_rest_.cancel();
  };
  net::co_spawn(executor_, carry_out(call), net::bind_cancellation_slot(signal->slot(), ended));
}

Awaitable<> HostedRun::carry_out(Json call) {
  Happening happening;
  happening.call = call["id"].get<uint64_t>();
  RunCalls::TellText tell_text;
  if (listener_.tell) {
    tell_text = [this, node = call["node"], task = call["task"]](std::string text) -> Awaitable<> {
      Happening piece;
      piece.event = Json{{"event", "token"}, {"node", node}, {"task", task}, {"text", std::move(text)}};
      co_await happenings_->async_send(boost::system::error_code(), std::move(piece), net::use_awaitable);
    };
  }
  try {
    happening.answer = co_await answers_.answer(std::move(call), tell_text);
  } catch (const Refusal& refusal) {
    refusals_.push_back(refusal);
    happening.answer = Error{refusal.code, refusal.message};
  } catch (const boost::system::system_error&) {
    co_return;  // nobody waits for it any more
  } catch (const std::exception& fault) {
    happening.answer = Error{ErrorCode::kInternal, fmt::format("a fault of the server: {}", fault.what())};
  }
  co_await happenings_->async_send(boost::system::error_code(), std::move(happening), net::use_awaitable);
}

/// Until the run can go on, or there is something to tell.
Awaitable<> HostedRun::wait(workflow::Run& run) {
  const std::optional<int64_t> wake_at = run.wake_at();
  const Clock::time_point now = Clock::now();
  if (wake_at && *wake_at <= milliseconds_of(now)) co_return;
  auto next_look = Clock::time_point::max();
  if (wake_at) next_look = Clock::time_point(std::chrono::milliseconds(*wake_at));
  if (listener_.signs.every.count() > 0) next_look = std::min(next_look, told_ + listener_.signs.every);
  look_at(next_look);
  Happening happening = co_await happenings_->async_receive(net::use_awaitable);
  co_await take(run, std::move(happening));
  // What else has come meanwhile, but no more: what is told may bring further pieces without an end.
  std::vector<Happening> more;
  const auto keep = [&more](boost::system::error_code, Happening other) { more.push_back(std::move(other)); };
  while (more.size() < kMostAhead && happenings_->try_receive(keep)) {
  }
  for (Happening& other : more) co_await take(run, std::move(other));
}

Awaitable<> HostedRun::take(workflow::Run& run, Happening happening) {
  if (happening.answer) run.answer(happening.call, *std::move(happening.answer));
  if (happening.event) co_await tell(*happening.event);
  const SignsOfLife& signs = listener_.signs;
  if (signs.every.count() == 0 || Clock::now() - told_ < signs.every) co_return;
  co_await signs.give();
  told_ = Clock::now();
}

void HostedRun::look_at(Clock::time_point time) {
  look_.expires_at(time);
  look_.async_wait([known = std::weak_ptr(happenings_)](boost::system::error_code ended) {
    const auto happenings = known.lock();
    // Where there is no room for it, something else has happened.
    if (!ended && happenings) happenings->try_send(boost::system::error_code(), Happening());
  });
}

Refusal HostedRun::refusal_of(const Json& event) const {
  Refusal refusal(workflow::error_of(event));
  const auto told = std::find_if(refusals_.rbegin(), refusals_.rend(), [&](const Refusal& cause) {
    return cause.code == refusal.code && refusal.message.ends_with(cause.message);
  });
  if (told == refusals_.rend()) return refusal;
  refusal.status = told->status;
  refusal.retry_after = told->retry_after;
  return refusal;
}

}  // namespace hearth::serve::workflows
