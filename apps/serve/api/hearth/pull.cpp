// POST /v1/models/pull and DELETE /v1/models/NAME.
#include <memory>
#include <optional>
#include <string>

#include "apps/serve/api/hearth/progress.h"
#include "apps/serve/api/hearth/routes.h"
#include "apps/serve/api/members.h"

namespace hearth::serve::native {

using nlohmann::ordered_json;

namespace {

ordered_json progress_json(const store::PullProgress& progress) {
  ordered_json json = {{"stage", progress.stage},
                       {"loaded", progress.loaded},
                       {"total", progress.total},
                       {"file", progress.file}};
  if (!progress.message.empty()) json["message"] = progress.message;
  return {{"progress", std::move(json)}};
}

}  // namespace

Awaitable<> tell_progress(Exchange& exchange, Pull& download) {
  std::optional<store::PullProgress> progress = co_await download.next();
  co_await begin_events(exchange);
  while (progress) {
    co_await write_event(exchange, progress_json(*progress));
    progress = co_await download.next();
  }
}

Awaitable<> pull(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  const Members members(body);
  const std::string reference = members.text("model");
  if (reference.empty()) members.refuse("model", "is missing: hf:owner/repository:Q4_K_M or a URL");
  const auto download = co_await service.models.catalog().pull(reference);
  co_await tell_progress(exchange, *download);
  const store::StoredModel& model = download->model();
  const ordered_json told = {{"id", model.name}, {"reference", model.reference}, {"size", model.size}};
  const ordered_json last = {{"model", told}};
  co_await write_event(exchange, last);
  co_await exchange.end();
}

Awaitable<> erase(Service& service, Exchange& exchange) {
  constexpr std::string_view kFolder = "/v1/models/";
  const Description erased =
      co_await service.models.catalog().erase(exchange.request.path.substr(kFolder.size()));
  service.models.unload(erased->name);
  const ordered_json reply = {{"id", erased->name}, {"object", "model"}, {"deleted", true}};
  co_await reply_json(exchange, reply);
}

}  // namespace hearth::serve::native
