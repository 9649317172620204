// What the connections bring requests to.
#pragma once

#include <chrono>

#include "apps/serve/http/exchange.h"
#include "apps/serve/refusal.h"

namespace hearth::serve {

class HttpHandler {
 public:
  HttpHandler() = default;
  HttpHandler(const HttpHandler&) = delete;
  HttpHandler& operator=(const HttpHandler&) = delete;
  virtual ~HttpHandler() = default;

  /// Answers a request. Cancelled (its next co_await throws) where the client has gone, the answer takes
  /// longer than allowed or the server ends.
  virtual Awaitable<> answer(Exchange& exchange) = 0;
  /// Says why there is no answer, or no more of it: the request can't be read, or answer() was cancelled with
  /// the client still there.
  virtual Awaitable<> refuse(Exchange& exchange, const Refusal& refusal) = 0;
  /// The last that is done with an exchange. `left`: the client did not wait for the end.
  virtual void end(Exchange& exchange, bool left) = 0;
};

}  // namespace hearth::serve
