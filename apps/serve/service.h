// What handlers work with, and the list in which requests find their handlers.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "apps/serve/api/responses/stored_responses.h"
#include "apps/serve/dialect.h"
#include "apps/serve/http/exchange.h"
#include "apps/serve/models/models.h"

namespace hearth::serve {

struct Service {
  Models& models;
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
  responses::StoredResponses responses{};
};

/// The model that a request names, "" for the default one: Models::use, with what the server imposes on the
/// answers of who asks. `tenant`: for whom a caller asks that serves many; none learns of another's texts.
Awaitable<std::unique_ptr<ModelUse>> use_model(Service& service, Exchange& exchange, std::string name,
                                               ServedModel::Progress progress = {}, std::string tenant = {});

using Handler = Awaitable<> (*)(Service& service, Exchange& exchange);

struct Route {
  std::string_view method;
  std::string_view path;  // "*" at the end stands for whatever follows
  Dialect dialect;
  Handler handler;
};

/// Everything that the server answers: each API's own list.
using Routes = std::vector<Route>;

/// The route of a request. Throws a Refusal where there is none.
const Route& route_of(const Routes& routes, const Request& request);

}  // namespace hearth::serve
