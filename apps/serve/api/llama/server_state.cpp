// GET /props and /slots.
#include "apps/serve/api/llama/server_state.h"

#include <fmt/format.h>

#include "apps/serve/api/llama/generation_settings.h"
#include "apps/serve/api/llama/routes.h"
#include "apps/serve/api/openai/prompts.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::llama {

using nlohmann::ordered_json;

ModelDescription description_of(const Service& service, const ModelUse& model) {
  for (const Models::State& state : service.models.loaded()) {
    if (state.description->name == model.id()) return *state.description;
  }
  return {};
}

size_t slot_count(const ModelUse& model) { return model.info().value("maxSequences", size_t{1}); }

SlotKey slot_key(const ModelUse& model, int64_t number) { return {model.id(), model.cache_salt(), number}; }

namespace {

Awaitable<std::string> token_text(ModelUse& model, const char* name) {
  const auto tokens = model.info().find("tokens");
  if (tokens == model.info().end() || !tokens->contains(name)) co_return "";
  const std::vector<int32_t> token = {tokens->at(name).get<int32_t>()};
  co_return co_await openai::text_of_tokens(model, token);
}

Awaitable<std::string> chat_template(ModelUse& model) {
  ordered_json arguments = ordered_json::array({0});
  const Reply reply = co_await model.call("metadata", std::move(arguments));
  co_return reply.json().value("tokenizer.chat_template", "");
}

}  // namespace

Awaitable<> props(Service& service, Exchange& exchange) {
  const auto model = co_await use_model(service, exchange, exchange.request.parameter("model"));
  const ModelDescription description = description_of(service, *model);
  const ordered_json none = ordered_json::object();
  const ordered_json settings = {
      {"n_ctx", model->info()["contextSize"]},
      {"params", generation_settings(none, model->info()["tokens"], std::nullopt)}};
  ordered_json props = {{"default_generation_settings", settings},
                        {"total_slots", slot_count(*model)},
                        {"model_alias", model->id()},
                        {"model_path", description.source}};
  props["chat_template"] = co_await chat_template(*model);
  props["chat_template_caps"] = model->info()["templateCapabilities"];
  props["bos_token"] = co_await token_text(*model, "bos");
  props["eos_token"] = co_await token_text(*model, "eos");
  props["modalities"] = {{"vision", false}, {"audio", false}};
  props["build_info"] = fmt::format("b{}-hearth", hearth_version());
  props["is_sleeping"] = false;
  ordered_json arguments = ordered_json::array();
  const ordered_json now = (co_await model->call("info", std::move(arguments))).json();
  props["device"] = now["device"];  // it may have been lost since loading
  props["device_reason"] = now["deviceReason"];
  co_await reply_json(exchange, props);
}

Awaitable<> change_props(Service& /*service*/, Exchange& /*exchange*/) {
  throw Refusal(
      501, ErrorCode::kUnsupported,
      "properties are not changed while the server runs: each request tells the options that it wants");
}

Awaitable<> slots(Service& service, Exchange& exchange) {
  const auto model = co_await use_model(service, exchange, exchange.request.parameter("model"));
  ordered_json arguments = ordered_json::array();
  const Reply reply = co_await model->call("statistics", std::move(arguments));
  const auto running = reply.json()["running"].get<size_t>();
  const size_t count = slot_count(*model);
  ordered_json slots = ordered_json::array();
  for (size_t id = 0; id < count; ++id) {
    slots.push_back({{"id", id},
                     {"n_ctx", model->info()["contextSize"]},
                     {"speculative", false},
                     {"is_processing", id < running}});
  }
  const bool all_busy = running >= count && !exchange.request.parameter("fail_on_no_slot").empty();
  co_await reply_json(exchange, slots, all_busy ? 503 : 200);
}

}  // namespace hearth::serve::llama
