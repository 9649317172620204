// GET and POST /lora-adapters: adapters of a model by number, and how much of each its answers have.
#include <fmt/format.h>

#include <cmath>

#include "apps/serve/api/llama/routes.h"
#include "apps/serve/api/members.h"
#include "apps/serve/json_text.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::llama {

using nlohmann::ordered_json;

namespace {

constexpr double kMostScale = 100;

/// By number; what the list leaves out is 0.
std::vector<double> scales_of(const ordered_json& list, size_t count) {
  if (!list.is_array())
    throw Refusal(400, ErrorCode::kInvalidArgument, "the body must be a list of adapters");
  std::vector<double> scales(count, 0);
  for (size_t index = 0; index < list.size(); ++index) {
    const std::string path = fmt::format("[{}]", index);
    if (!list[index].is_object()) refuse_param(path, "must be an object with an id and a scale");
    const Members adapter(list[index], path);
    const int64_t id = adapter.integer("id", 0, INT32_MAX, -1);
    if (id < 0 || static_cast<size_t>(id) >= count) {
      adapter.refuse("id", fmt::format("is the number of no adapter; the model has {}", count));
    }
    const ordered_json& scale = adapter["scale"];
    if (!scale.is_number() || std::abs(scale.get<double>()) > kMostScale) {
      adapter.refuse("scale", fmt::format("must be a number from -{0} to {0}", kMostScale));
    }
    scales[static_cast<size_t>(id)] = scale.get<double>();
  }
  return scales;
}

}  // namespace

Awaitable<> list_adapters(Service& service, Exchange& exchange) {
  const auto model = co_await use_model(service, exchange, exchange.request.parameter("model"));
  const std::vector<double> scales = service.models.adapter_scales(*model);
  ordered_json list = ordered_json::array();
  const std::vector<Description> adapters = service.models.catalog().adapters_of(model->id());
  for (size_t id = 0; id < adapters.size(); ++id) {
    if (!may_see_model(*exchange.record, adapters[id]->name)) continue;
    list.push_back({{"id", id},
                    {"path", adapters[id]->source},
                    {"scale", id < scales.size() ? scales[id] : 0},
                    {"task_name", ""},
                    {"prompt_prefix", ""}});
  }
  co_await reply_json(exchange, list);
}

Awaitable<> change_adapters(Service& service, Exchange& exchange) {
  require_admin(exchange);
  const auto model = co_await use_model(service, exchange, exchange.request.parameter("model"));
  const size_t count = service.models.catalog().adapters_of(model->id()).size();
  std::vector<double> scales = scales_of(parse_json(exchange.request.body, "the body"), count);
  co_await service.models.set_adapter_scales(*model, std::move(scales));
  const ordered_json reply = {{"success", true}};
  co_await reply_json(exchange, reply);
}

}  // namespace hearth::serve::llama
