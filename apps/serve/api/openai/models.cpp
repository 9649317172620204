// GET /v1/models and /v1/models/{id}.
#include <algorithm>

#include "apps/serve/api/openai/routes.h"
#include "apps/serve/api/time_text.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

/// OpenAI's form, with Hearth's members and those of Anthropic's, whose clients ask here, too.
ordered_json model_json(const Models::State& state, const Service& service) {
  const auto created =
      std::chrono::duration_cast<std::chrono::seconds>(service.started.time_since_epoch()).count();
  ordered_json ours = {{"loaded", state.model != nullptr}};
  if (state.model) {
    ours["memory"] = state.model->memory();
    ours["active"] = state.active;
    ours["info"] = state.model->info();
  }
  return {{"id", state.description->name},
          {"object", "model"},
          {"created", created},
          {"owned_by", "hearth"},
          {"type", "model"},
          {"display_name", state.description->name},
          {"created_at", time_text(service.started)},
          {"aliases", state.description->aliases},
          {"hearth", std::move(ours)}};
}

}  // namespace

Awaitable<> list_models(Service& service, Exchange& exchange) {
  ordered_json data = ordered_json::array();
  const std::vector<Models::State> models = co_await service.models.list();
  for (const Models::State& state : models) data.push_back(model_json(state, service));
  const ordered_json first = data.empty() ? ordered_json() : data.front()["id"];
  const ordered_json last = data.empty() ? ordered_json() : data.back()["id"];
  const ordered_json list = {{"object", "list"},
                             {"data", std::move(data)},
                             {"first_id", first},
                             {"last_id", last},
                             {"has_more", false}};
  co_await reply_json(exchange, list);
}

Awaitable<> show_model(Service& service, Exchange& exchange) {
  constexpr std::string_view kBefore = "/v1/models/";
  const Description found =
      co_await service.models.catalog().find(exchange.request.path.substr(kBefore.size()));
  Models::State state;
  state.description = found;
  for (const Models::State& loaded : service.models.loaded()) {
    if (loaded.description->name == found->name) state = loaded;
  }
  const ordered_json json = model_json(state, service);
  co_await reply_json(exchange, json);
}

}  // namespace hearth::serve::openai
