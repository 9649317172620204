// What handlers work with, and how a request finds its handler.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "apps/serve/http/exchange.h"
#include "apps/serve/models/models.h"

namespace hearth::serve {

struct Service {
  Models& models;
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
};

/// The model that a request names, "" for the default one: Models::use, with what the server imposes on the
/// answers of who asks.
Awaitable<std::unique_ptr<ModelUse>> use_model(Service& service, Exchange& exchange, std::string name);

/// How errors are written: each of the APIs has a form of its own.
enum class Dialect { kOpenai, kAnthropic, kOllama };

using Handler = Awaitable<> (*)(Service& service, Exchange& exchange);

struct Route {
  std::string_view method;
  std::string_view path;  // "*" at the end stands for whatever follows
  Dialect dialect;
  Handler handler;
};

/// Everything that the server answers: each API's own list.
using Routes = std::vector<Route>;

/// Answers a request: finds its handler and calls it, and says what is wrong where that can't be done or
/// fails.
Awaitable<> answer_request(Service& service, const Routes& routes, Exchange& exchange);

/// An error in the form of a dialect.
nlohmann::ordered_json error_json(Dialect dialect, const class Refusal& refusal);

}  // namespace hearth::serve
