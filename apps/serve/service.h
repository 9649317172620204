// What handlers work with, and the list in which requests find their handlers.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/serve/api/llama/slots.h"
#include "apps/serve/api/responses/stored_responses.h"
#include "apps/serve/config/server_config.h"
#include "apps/serve/dialect.h"
#include "apps/serve/http/connections.h"
#include "apps/serve/http/exchange.h"
#include "apps/serve/models/models.h"
#include "apps/serve/operation/callers.h"
#include "apps/serve/operation/log.h"
#include "apps/serve/operation/metrics.h"

namespace hearth::serve {

struct Service {
  Models& models;
  ServerConfig& config;
  Callers& callers;
  Metrics& metrics;
  Log& log;
  const Connections& connections;
  net::thread_pool& pool;  // for what blocks
  bool is_ready = false;   // the models that are to be there at the start are loaded
  int64_t running = 0;     // requests that are being answered
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
  responses::StoredResponses responses{};
  llama::Slots slots{};
  std::optional<net::thread_pool> request_threads{};

  /// Threads for workflows' requests to other servers, which take their time.
  net::thread_pool& requests();
};

/// The model that a request names, "" for the default one: Models::use, with what the server imposes on the
/// answers of who asks. Throws a Refusal where there is none such for the caller, or as many answers wait for
/// it as may.
Awaitable<std::unique_ptr<ModelUse>> use_model(Service& service, Exchange& exchange, std::string name,
                                               ServedModel::Progress progress = {});
/// The same for one of an exchange's many requests, which has a record of its own. `tenant`: for whom a
/// caller asks that serves many; none learns of another's texts.
Awaitable<std::unique_ptr<ModelUse>> use_model_for(Service& service, std::shared_ptr<RequestRecord> record,
                                                   std::string name, std::string tenant = {},
                                                   ServedModel::Progress progress = {});

/// What keeps the connection of an answer alive that is written as events, for the model that answers.
SignsOfLife signs_of_life(const Service& service, Exchange& exchange);

/// The model that a request names, as Catalog::find: a key for some models finds no others.
Awaitable<Description> find_model(Service& service, const std::shared_ptr<RequestRecord>& record,
                                  std::string name);

/// Whether who asks may know of the model of that name: its key is for it, or manages the server.
bool may_see_model(const RequestRecord& record, std::string_view name);

/// Throws a Refusal where who asks has no key with the scope admin, and the server asks for keys.
void require_admin(const Exchange& exchange);

/// Whose that is which is kept for the caller of a key, or for the one of those whom it serves that `tenant`
/// names; "" on a server without keys.
std::string owner_of(const ApiKey* key, const std::string& tenant);

/// Whose the request is: what is kept for it, nobody else finds. "" on a server without keys.
std::string tenant_of(const Exchange& exchange);

using Handler = Awaitable<> (*)(Service& service, Exchange& exchange);

/// Whose keys a route is for; without keys, a server is everybody's.
enum class Scope : uint8_t { kAnyone, kModels, kAdmin };

struct Route {
  std::string_view method;
  std::string_view path;  // "*" at the end stands for whatever follows
  Dialect dialect;
  Handler handler;
  Scope scope = Scope::kModels;
};

/// Everything that the server answers: each API's own list.
using Routes = std::vector<Route>;

/// The route of a request. Throws a Refusal where there is none.
const Route& route_of(const Routes& routes, const Request& request);

}  // namespace hearth::serve
