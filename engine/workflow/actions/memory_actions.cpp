// What a workflow remembers, by key or by meaning: values in the host's store, with the vector of their text
// where they were stored with `embed`.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/text/json_text.h"
#include "engine/workflow/actions/answers.h"
#include "engine/workflow/actions/generation.h"
#include "engine/workflow/actions/parameters.h"
#include "engine/workflow/actions/storage.h"
#include "engine/workflow/actions/tables.h"

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

/// So that values of storage.* and memories do not get in each other's way.
constexpr std::string_view kArea = "memory.";

Json embedding_of(std::string text, std::string_view model) {
  return {{"model", model}, {"texts", Json::array({std::move(text)})}};
}

/// memory.store: {key, value, namespace, metadata, embed, text, model}
Result<Step> store(const Json& parameters, const ActionContext& context) {
  const Parameters given(parameters);
  if (given.find({"ttl"}) != nullptr) {
    return Error{ErrorCode::kUnsupported,
                 "the parameter 'ttl' is not kept: what is stored stays until memory.delete; leave it away"};
  }
  HEARTH_ASSIGN(const Json* value, given.value({"value", "content"}));
  HEARTH_ASSIGN(const bool embeds, given.flag_or({"embed"}, false));
  HEARTH_ASSIGN(Call put, storage_call("put", kArea, parameters));
  Json stored = {{"value", *value}};
  if (const Json* metadata = given.find({"metadata"})) stored["metadata"] = *metadata;
  put.request["value"] = std::move(stored);
  if (!embeds) return Step(std::move(put));
  HEARTH_ASSIGN(const std::string text,
                given.text_or({"text"}, value->is_string() ? value->get<std::string>() : write_json(*value)));
  const Json all = with_settings(parameters, context);
  HEARTH_ASSIGN(const std::string model, Parameters(all).text_or({"model"}, ""));
  return Step(Call{"embed",
                   embedding_of(text, model),
                   {{"put", std::move(put.request)}, {"then", std::move(put.carried)}}});
}

Result<Step> stored(Json carried, Json answer, const ActionContext& /*context*/) {
  if (!carried.contains("put"))
    return Step(Json{{"stored", true}, {"key", carried["key"]}, {"namespace", carried["namespace"]}});
  const Json& vectors = list_in(answer, "embeddings");
  if (vectors.empty()) return Error{ErrorCode::kInternal, "the host gave no embeddings"};
  Json request = std::move(carried["put"]);
  request["value"]["embedding"] = vectors.front();
  return Step(Call{"store", std::move(request), std::move(carried["then"])});
}

Result<Step> retrieve(const Json& parameters, const ActionContext& /*context*/) {
  HEARTH_ASSIGN(Call call, storage_call("get", kArea, parameters));
  return Step(std::move(call));
}

Result<Step> has_retrieved(Json carried, Json answer, const ActionContext& /*context*/) {
  Json result = retrieved(carried, answer);
  if (result["found"] == true) {
    const Json stored = std::move(result["value"]);
    const auto value = stored.find("value");
    result["value"] = value == stored.end() ? stored : *value;
    result["metadata"] = object_in(stored, "metadata");
  }
  return Step(std::move(result));
}

Result<Step> forget(const Json& parameters, const ActionContext& /*context*/) {
  HEARTH_ASSIGN(Call call, storage_call("delete", kArea, parameters));
  return Step(std::move(call));
}

Result<Step> forgotten(Json carried, Json /*answer*/, const ActionContext& /*context*/) {
  return Step(Json{{"deleted", true}, {"key", carried["key"]}});
}

Result<Step> list_memories(const Json& parameters, const ActionContext& /*context*/) {
  HEARTH_ASSIGN(Call call, storage_call("list", kArea, parameters));
  return Step(std::move(call));
}

Result<Step> listed_memories(Json /*carried*/, Json answer, const ActionContext& /*context*/) {
  const Json& keys = list_in(answer, "keys");
  return Step(Json{{"keys", keys}, {"count", keys.size()}});
}

/// 0 for vectors that are not of one length, or are none.
double cosine(const Json& a, const Json& b) {
  if (a.size() != b.size()) return 0;
  double product = 0;
  double of_a = 0;
  double of_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!a[i].is_number() || !b[i].is_number()) return 0;
    const auto x = a[i].get<double>();
    const auto y = b[i].get<double>();
    product += x * y;
    of_a += x * x;
    of_b += y * y;
  }
  return of_a > 0 && of_b > 0 ? product / std::sqrt(of_a * of_b) : 0;
}

/// memory.search: {query, top_k, threshold, namespace, prefix, model}. The query's vector first, then the
/// keys, then each value.
Result<Step> search(const Json& parameters, const ActionContext& context) {
  const Parameters given(parameters);
  HEARTH_ASSIGN(const std::string query, given.text({"query"}));
  HEARTH_ASSIGN(const int64_t most, given.whole_or({"top_k", "limit"}, 10));
  if (most < 1) return Error{ErrorCode::kInvalidArgument, "the parameter 'top_k' must be at least 1"};
  const Json* threshold = given.find({"threshold"});
  if (threshold != nullptr && !threshold->is_number())
    return Error{ErrorCode::kInvalidArgument, "the parameter 'threshold' must be a number"};
  const Json all = with_settings(parameters, context);
  HEARTH_ASSIGN(const std::string model, Parameters(all).text_or({"model"}, ""));
  HEARTH_ASSIGN(Call keys, storage_call("list", kArea, parameters));
  return Step(Call{"embed",
                   embedding_of(query, model),
                   {{"list", std::move(keys.request)},
                    {"most", most},
                    {"threshold", threshold == nullptr ? Json(0.0) : *threshold},
                    {"results", Json::array()}}});
}

/// The one more memory of an answer, if it is near enough and among the nearest.
void consider(Json& carried, const Json& answer) {
  const Json& value = object_in(answer, "value");
  const double score = cosine(carried["query"], list_in(value, "embedding"));
  if (list_in(value, "embedding").empty() || score < carried["threshold"].get<double>()) return;
  Json& results = carried["results"];
  const auto place = std::find_if(results.begin(), results.end(),
                                  [&](const Json& result) { return result["score"].get<double>() < score; });
  const Json& key = carried["keys"][carried["at"].get<size_t>()];
  const Json content = value.value("value", Json());
  Json found = {{"id", key},
                {"key", key},
                {"score", score},
                {"value", content},
                {"content", content.is_string() ? content : Json(write_json(content))},
                {"metadata", object_in(value, "metadata")}};
  results.insert(place, std::move(found));
  if (results.size() > carried["most"].get<size_t>()) results.erase(results.size() - 1);
}

Result<Step> searched(Json carried, Json answer, const ActionContext& /*context*/) {
  if (!carried.contains("query")) {
    const Json& vectors = list_in(answer, "embeddings");
    if (vectors.empty() || !vectors.front().is_array())
      return Error{ErrorCode::kInternal, "the host gave no embeddings"};
    carried["query"] = vectors.front();
    Json request = carried["list"];
    return Step(Call{"store", std::move(request), std::move(carried)});
  }
  size_t at = 0;
  if (!carried.contains("keys")) {
    carried["keys"] = list_in(answer, "keys");
  } else {
    consider(carried, answer);
    at = carried["at"].get<size_t>() + 1;
  }
  carried["at"] = at;
  if (at == carried["keys"].size()) {
    const size_t count = carried["results"].size();
    return Step(Json{{"results", std::move(carried["results"])}, {"count", count}, {"success", true}});
  }
  Json request = {{"op", "get"}, {"namespace", carried["list"]["namespace"]}, {"key", carried["keys"][at]}};
  return Step(Call{"store", std::move(request), std::move(carried)});
}

constexpr Action kMemoryActions[] = {
    {"memory.store", store, stored},      {"memory.retrieve", retrieve, has_retrieved},
    {"memory.delete", forget, forgotten}, {"memory.list", list_memories, listed_memories},
    {"memory.search", search, searched},  {"memory.vector_search", search, searched},
};

}  // namespace

std::span<const Action> memory_actions() { return kMemoryActions; }

}  // namespace hearth::workflow
