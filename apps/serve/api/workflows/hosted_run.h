// A run of a workflow from its beginning to its end: what it asks for is carried out at the same time, so
// that what branches ask of one model is one batch, and its events are told one after the other.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/serve/api/workflows/run_calls.h"
#include "apps/serve/models/answer.h"
#include "apps/serve/refusal.h"
#include "apps/workflow/library.h"
#include "engine/workflow/run/run.h"

namespace hearth::serve::workflows {

/// A run, with the workflow that it is of.
struct StartedRun {
  std::shared_ptr<const workflow::Library> library;
  std::shared_ptr<workflow::Run> run;
};

/// Who hears of a run.
struct Listener {
  using Json = nlohmann::ordered_json;

  std::function<Awaitable<>(const Json& event)> tell = {};  // each event but the last; {} for nobody
  SignsOfLife signs = {};                                   // while there is nothing to tell
};

class HostedRun {
 public:
  using Json = nlohmann::ordered_json;

  HostedRun(Service& service, Caller caller, Listener listener, const net::any_io_executor& executor);
  HostedRun(const HostedRun&) = delete;
  HostedRun& operator=(const HostedRun&) = delete;

  /// The run's last event; where it is `interrupted`, with a `checkpoint`. Cancelled, all that was asked for
  /// is given up before it throws.
  Awaitable<Json> drive(std::shared_ptr<StartedRun> started);

  /// What ended a run whose last event is `error`.
  Refusal refusal_of(const Json& event) const;

 private:
  using Clock = std::chrono::steady_clock;

  /// An answer to a call, an event, or neither: it is time to look.
  struct Happening {
    uint64_t call = 0;
    std::optional<Result<Json>> answer = std::nullopt;
    std::optional<Json> event = std::nullopt;
  };
  using Happenings = net::experimental::channel<void(boost::system::error_code, Happening)>;

  Awaitable<Json> follow(std::shared_ptr<StartedRun> started);
  Awaitable<std::vector<Json>> advance(std::shared_ptr<StartedRun> started);
  Awaitable<> tell(const Json& event);
  void begin(const Json& call);
  Awaitable<> carry_out(Json call);
  Awaitable<> wait(workflow::Run& run);
  Awaitable<> take(workflow::Run& run, Happening happening);
  void look_at(Clock::time_point time);
  Awaitable<> give_up_calls();

  Service& service_;
  RunCalls answers_;
  Listener listener_;
  net::any_io_executor executor_;
  std::shared_ptr<Happenings> happenings_;
  net::steady_timer look_;  // ends when the run has to be looked at, whatever happens
  net::steady_timer at_rest_;
  std::map<uint64_t, std::unique_ptr<net::cancellation_signal>> calls_;  // that are being carried out
  Clock::time_point told_ = Clock::now();
  std::vector<Refusal> refusals_;  // of calls, which know more than errors of runs
};

}  // namespace hearth::serve::workflows
