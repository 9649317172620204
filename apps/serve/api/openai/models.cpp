// GET /v1/models and /v1/models/{id}.
#include <algorithm>

#include "apps/serve/api/openai/routes.h"
#include "apps/serve/api/time_text.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

/// What llama-server tells of a model that is loaded.
ordered_json meta_json(const ordered_json& info) {
  return {{"n_vocab", info["vocabSize"]},         {"n_ctx", info["contextSize"]},
          {"n_ctx_train", info["contextLength"]}, {"n_embd", info["embeddingLength"]},
          {"n_params", info["parameterCount"]},   {"size", info["fileSize"]}};
}

/// What a model can do, by llama-server's names; nothing of one that is not loaded.
ordered_json capabilities(const Models::State& state) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"generate", "completion"}, {"embed", "embedding"}, {"rerank", "rerank"}};
  ordered_json list = ordered_json::array();
  if (!state.model) return list;
  const ordered_json& tasks = state.model->info()["tasks"];
  for (const auto& [task, name] : kNames) {
    if (std::find(tasks.begin(), tasks.end(), task) != tasks.end()) list.push_back(name);
  }
  return list;
}

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
  ordered_json json = {{"id", state.description->name},
                       {"object", "model"},
                       {"created", created},
                       {"owned_by", "hearth"},
                       {"type", "model"},
                       {"display_name", state.description->name},
                       {"created_at", time_text(service.started)},
                       {"aliases", state.description->aliases},
                       {"tags", ordered_json::array()},
                       {"hearth", std::move(ours)}};
  if (state.model) json["meta"] = meta_json(state.model->info());
  return json;
}

}  // namespace

Awaitable<> list_models(Service& service, Exchange& exchange) {
  ordered_json data = ordered_json::array();
  ordered_json named = ordered_json::array();
  const std::vector<Models::State> models = co_await service.models.list();
  for (const Models::State& state : models) {
    const std::string& name = state.description->name;
    if (!may_see_model(*exchange.record, name)) continue;
    data.push_back(model_json(state, service));
    named.push_back({{"name", name}, {"model", name}, {"capabilities", capabilities(state)}});
  }
  const ordered_json first = data.empty() ? ordered_json() : data.front()["id"];
  const ordered_json last = data.empty() ? ordered_json() : data.back()["id"];
  const ordered_json list = {{"object", "list"},  {"data", std::move(data)}, {"models", std::move(named)},
                             {"first_id", first}, {"last_id", last},         {"has_more", false}};
  co_await reply_json(exchange, list);
}

Awaitable<> show_model(Service& service, Exchange& exchange) {
  constexpr std::string_view kBefore = "/v1/models/";
  const Description found =
      co_await find_model(service, exchange.record, exchange.request.path.substr(kBefore.size()));
  Models::State state;
  state.description = found;
  for (const Models::State& loaded : service.models.loaded()) {
    if (loaded.description->name == found->name) state = loaded;
  }
  const ordered_json json = model_json(state, service);
  co_await reply_json(exchange, json);
}

}  // namespace hearth::serve::openai
