// What a run asks its host for, carried out by the server's models, its store and its requests. Each call of
// a model is held to what a request of the caller is held to.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/serve/service.h"

namespace hearth::serve::workflows {

/// For whom a run is.
struct Caller {
  std::shared_ptr<RequestRecord> record;  // of the request that asks for it
  std::string tenant;                     // as use_model_for has it
};

class RunCalls {
 public:
  using Json = nlohmann::ordered_json;
  /// Gets pieces of an answer; may wait for who reads them.
  using TellText = std::function<Awaitable<>(std::string text)>;

  RunCalls(Service& service, Caller caller, const net::any_io_executor& executor)
      : service_(service),
        caller_(std::move(caller)),
        freed_(executor, net::steady_timer::time_point::max()) {}

  /// The answer to a call, as docs/workflows.md has it. Any number may be asked for at once. Throws a
  /// Refusal.
  Awaitable<Json> answer(Json call, TellText tell);

 private:
  class Turn;

  Awaitable<Json> ask_model(std::string kind, Json request, TellText tell);
  Awaitable<Json> use_store(Json request);
  Awaitable<Json> send_request(Json request);

  Service& service_;
  Caller caller_;
  /// A run is one of the requests that its caller has running; a call beside another is one more.
  bool own_place_is_taken_ = false;
  net::steady_timer freed_;  // its waits end when a call has
};

}  // namespace hearth::serve::workflows
