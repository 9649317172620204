// GET /v1/models.
#include "apps/serve/api/openai/routes.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

Awaitable<> list_models(Service& service, Exchange& exchange) {
  const auto created =
      std::chrono::duration_cast<std::chrono::seconds>(service.started.time_since_epoch()).count();
  ordered_json data = ordered_json::array();
  const std::vector<Models::State> models = co_await service.models.list();
  for (const auto& [description, model, active, used, keep_alive] : models) {
    ordered_json ours = {{"loaded", model != nullptr}};
    if (model) {
      ours["memory"] = model->memory();
      ours["active"] = active;
      ours["info"] = model->info();
    }
    data.push_back({{"id", description->name},
                    {"object", "model"},
                    {"created", created},
                    {"owned_by", "hearth"},
                    {"hearth", std::move(ours)}});
  }
  const ordered_json list = {{"object", "list"}, {"data", std::move(data)}};
  co_await reply_json(exchange, list);
}

}  // namespace hearth::serve::openai
