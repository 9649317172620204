// POST /v1/hearth/load and /v1/hearth/unload.
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <optional>

#include "apps/serve/api/hearth/progress.h"
#include "apps/serve/api/hearth/routes.h"
#include "apps/serve/api/members.h"
#include "apps/serve/api/random_id.h"
#include "apps/serve/refusal.h"
#include "apps/store/reference.h"

namespace hearth::serve::native {

using nlohmann::ordered_json;

namespace {

/// What is to be told of a loading, in order.
using Events = net::experimental::channel<void(boost::system::error_code, ordered_json)>;

ordered_json load_progress_json(hearth_load_stage stage, uint64_t done, uint64_t total) {
  constexpr const char* kStages[] = {"parse", "read", "initialize", "ready"};
  return {{"progress", {{"stage", kStages[stage]}, {"loaded", done}, {"total", total}}}};
}

/// A model that is loaded for the client which asks, and gone again if the client does not hear of it.
class OwnModel {
 public:
  OwnModel(Models& models, ModelDescription description) : models_(models), name_(description.name) {
    const Result<void> added = models_.catalog().add(std::move(description));
    if (!added.ok()) throw Refusal(added.error());
  }
  OwnModel(const OwnModel&) = delete;
  OwnModel& operator=(const OwnModel&) = delete;
  ~OwnModel() {
    if (!is_kept_) models_.remove(name_);
  }

  void keep() { is_kept_ = true; }

 private:
  Models& models_;
  std::string name_;
  bool is_kept_ = false;
};

/// Whether who asks knows a model by that name.
Awaitable<bool> is_known(Service& service, Exchange& exchange, std::string name) {
  try {
    co_await find_model(service, exchange.record, std::move(name));
    co_return true;
  } catch (const Refusal&) {
    co_return false;
  }
}

/// The model of that name; at an address, downloaded where it has not been, which the client is told of.
Awaitable<Description> find_or_pull(Service& service, Exchange& exchange, std::string name) {
  bool is_there = !store::is_address(name);
  if (!is_there) is_there = co_await is_known(service, exchange, name);
  if (!is_there) {
    require_admin(exchange);
    const auto download = co_await service.models.catalog().pull(name);
    co_await tell_progress(exchange, *download);
    name = download->model().reference;
  }
  co_return co_await find_model(service, exchange.record, name);
}

/// A model once more, with the options that a request has for it.
Awaitable<ModelDescription> own_model(Service& service, Exchange& exchange, ModelDescription description,
                                      const Members& wanted) {
  if (!description.base.empty()) wanted.refuse("model", "is an adapter, which goes with its model's options");
  const ordered_json& options = wanted["options"];
  if (!options.is_null() && !options.is_object()) wanted.refuse("options", "must be an object");
  if (options.is_object()) description.options.update(options);
  description.copy_of = description.counted_as();
  description.name = wanted.text("id", description.name);
  const bool is_taken = co_await is_known(service, exchange, description.name);
  if (is_taken) description.name = random_id(description.name + "@", 8);
  description.aliases.clear();
  description.pinned = false;
  co_return description;
}

/// Whether it is loaded in the end.
Awaitable<bool> load_and_tell(Service& service, Exchange& exchange, std::string name, Events& events) {
  const auto tell = [&events](ordered_json event) {
    events.try_send(boost::system::error_code(), std::move(event));
  };
  const auto progress = [&](hearth_load_stage stage, uint64_t done, uint64_t total) {
    tell(load_progress_json(stage, done, total));
  };
  try {
    const auto model = co_await use_model(service, exchange, std::move(name), progress);
    tell({{"model", {{"id", model->id()}, {"info", model->info()}, {"memory", model->memory()}}}});
    co_return true;
  } catch (const Refusal& refusal) {
    tell({{"error", {{"code", error_code_name(refusal.code)}, {"message", refusal.message}}}});
    co_return false;
  }
}

Awaitable<> write_events(Exchange& exchange, Events& events) {
  for (bool ended = false; !ended;) {
    const ordered_json event = co_await events.async_receive(net::use_awaitable);
    ended = !event.contains("progress");
    co_await write_event(exchange, event);
  }
  co_await exchange.end();
}

}  // namespace

Awaitable<> load(Service& service, Exchange& exchange) {
  using net::experimental::awaitable_operators::operator&&;
  const ordered_json body = json_body(exchange.request);
  const Members members(body);
  const Description found = co_await find_or_pull(service, exchange, members.text("model"));
  std::string name = found->name;
  std::optional<OwnModel> own;
  if (members.has("id") || members.has("options")) {
    require_admin(exchange);
    ModelDescription description = co_await own_model(service, exchange, *found, members);
    name = description.name;
    own.emplace(service.models, std::move(description));
  }
  co_await begin_events(exchange);
  Events events(co_await net::this_coro::executor, SIZE_MAX);
  const bool loaded =
      co_await (load_and_tell(service, exchange, name, events) && write_events(exchange, events));
  if (own && loaded) own->keep();
}

Awaitable<> unload(Service& service, Exchange& exchange) {
  require_admin(exchange);
  const ordered_json body = json_body(exchange.request);
  const Members members(body);
  const Description found = co_await service.models.catalog().find(members.text("model"));
  if (!found->copy_of.empty()) {
    service.models.remove(found->name);
  } else {
    service.models.unload(found->name);
  }
  co_await reply_json(exchange, ordered_json::object());
}

}  // namespace hearth::serve::native
