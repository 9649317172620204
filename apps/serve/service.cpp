#include "apps/serve/service.h"

#include <fmt/format.h>

#include "apps/serve/admission.h"
#include "apps/serve/operation/answer_meter.h"

namespace hearth::serve {

using nlohmann::ordered_json;

namespace {

/// By the path as it came, so that what a proxy forbids by its beginning can't be reached by another
/// spelling.
bool leads_to(const Route& route, std::string_view path) {
  if (route.path.ends_with('*')) return path.starts_with(route.path.substr(0, route.path.size() - 1));
  return route.path == path;
}

/// Nobody is served before others because of what a request says; and what was read for one tenant, or for
/// one of those whom a tenant serves, is found in the cache by nobody else.
ordered_json imposed_on(const ApiKey* key, const std::string& tenant) {
  ordered_json imposed = ordered_json::object();
  if (key != nullptr) imposed["priority"] = key->priority;
  if (std::string owner = owner_of(key, tenant); !owner.empty()) imposed["cacheSalt"] = std::move(owner);
  return imposed;
}

/// Answers that the model writes at once: where it is loaded, as many as it has room for.
int64_t answers_at_once(const Service& service, const ModelDescription& model) {
  const int64_t wanted = model.answers_at_once();
  for (const Models::State& state : service.models.loaded()) {
    if (state.description->name == model.name) return state.model->info().value("maxSequences", wanted);
  }
  return wanted;
}

/// Throws a Refusal where the model has as many waiting answers as may wait, besides those that it works on.
void check_queue(Service& service, const ModelDescription& model) {
  const Metrics::Activity activity = service.metrics.activity_now(model.name);
  const int64_t most = answers_at_once(service, model) + service.config.limits.queue;
  if (activity.waiting + activity.running < most) return;
  throw Refusal(503, ErrorCode::kServer,
                fmt::format("{} requests wait for the model '{}' already", activity.waiting, model.name))
      .after(std::chrono::seconds(1));
}

/// Many wait at once, and few compute.
constexpr size_t kRequestThreads = 16;

}  // namespace

net::thread_pool& Service::requests() {
  if (!request_threads) request_threads.emplace(kRequestThreads);
  return *request_threads;
}

std::string owner_of(const ApiKey* key, const std::string& tenant) {
  if (key == nullptr && tenant.empty()) return {};
  // A key's tenant has no line end in its name: no two are the same because of where they are divided.
  return fmt::format("{}\n{}", key == nullptr ? "" : key->tenant, tenant);
}

Awaitable<std::unique_ptr<ModelUse>> use_model(Service& service, Exchange& exchange, std::string name,
                                               ServedModel::Progress progress) {
  return use_model_for(service, exchange.record, std::move(name), {}, std::move(progress));
}

Awaitable<std::unique_ptr<ModelUse>> use_model_for(Service& service, std::shared_ptr<RequestRecord> record,
                                                   std::string name, std::string tenant,
                                                   ServedModel::Progress progress) {
  const Description model = co_await find_model(service, record, std::move(name));
  const ApiKey* key = record->key.get();
  if (key != nullptr && !key->may_use(model->name)) {  // who manages the server knows more than it may use
    throw Refusal(403, ErrorCode::kServer, fmt::format("the key may not use the model '{}'", model->name))
        .about("model");
  }
  record->model = model->name;
  check_queue(service, *model);
  ordered_json imposed = imposed_on(key, tenant);
  auto use = co_await service.models.use(model->name, std::move(imposed), std::move(progress));
  use->watch(std::make_unique<UseMeter>(service.metrics, record, *model, service.log.has_prompts()));
  co_return use;
}

SignsOfLife signs_of_life(const Service& service, Exchange& exchange) {
  return {service.config.limits.ping_time,
          [&exchange] { return write_sign_of_life(exchange, exchange.record->dialect); }};
}

Awaitable<Description> find_model(Service& service, const std::shared_ptr<RequestRecord>& record,
                                  std::string name) {
  MaySee may_see;
  if (record->key && !record->key->may_see_all()) {
    may_see = [record](const std::string& model) { return may_see_model(*record, model); };
  }
  return service.models.catalog().find(std::move(name), std::move(may_see));
}

bool may_see_model(const RequestRecord& record, std::string_view name) {
  return !record.key || record.key->may_see_all() || record.key->may_use(name);
}

void require_admin(const Exchange& exchange) { require_scope(*exchange.record, Scope::kAdmin); }

std::string tenant_of(const Exchange& exchange) {
  const ApiKey* key = exchange.record->key.get();
  return key == nullptr ? std::string() : key->tenant;
}

const Route& route_of(const Routes& routes, const Request& request) {
  std::string methods;
  for (const Route& route : routes) {
    if (!leads_to(route, request.encoded_path)) continue;
    if (route.method == request.method || (route.method == "GET" && request.method == "HEAD")) return route;
    methods += (methods.empty() ? "" : ", ") + std::string(route.method);
  }
  if (methods.empty()) {
    throw Refusal(404, ErrorCode::kNotFound,
                  fmt::format("there is nothing at {} {}", request.method, request.path));
  }
  Refusal refusal(405, ErrorCode::kInvalidArgument,
                  fmt::format("{} takes {}, not {}", request.path, methods, request.method));
  refusal.allowed = methods;
  throw Refusal(std::move(refusal));
}

}  // namespace hearth::serve
