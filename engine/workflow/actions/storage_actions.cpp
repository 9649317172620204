// Values that stay when a run is over: the host keeps them.
#include "engine/workflow/actions/answers.h"
#include "engine/workflow/actions/parameters.h"
#include "engine/workflow/actions/storage.h"
#include "engine/workflow/actions/tables.h"

namespace hearth::workflow {

using Json = nlohmann::ordered_json;

Result<Call> storage_call(std::string_view operation, std::string_view area, const Json& parameters) {
  const Parameters given(parameters);
  HEARTH_ASSIGN(const std::string space, given.text_or({"namespace"}, "default"));
  Json request = {{"op", operation}, {"namespace", std::string(area) + space}};
  if (operation == "list") {
    HEARTH_ASSIGN(request["prefix"], given.text_or({"prefix"}, ""));
    return Call{"store", std::move(request)};
  }
  HEARTH_ASSIGN(const std::string key, given.text({"key"}));
  if (key.empty()) return Error{ErrorCode::kInvalidArgument, "the parameter 'key' must not be empty"};
  request["key"] = key;
  Json carried = {{"key", key}, {"namespace", space}};
  if (const Json* otherwise = given.find({"default"})) carried["default"] = *otherwise;
  return Call{"store", std::move(request), std::move(carried)};
}

Json retrieved(const Json& carried, const Json& answer) {
  const auto value = answer.find("value");
  const auto is_found = answer.find("found");
  const bool found = is_found != answer.end() && *is_found == true && value != answer.end();
  return {{"value", found ? *value : carried.value("default", Json())},
          {"found", found},
          {"key", carried["key"]}};
}

namespace {

Result<Step> begun(std::string_view operation, const Json& parameters) {
  HEARTH_ASSIGN(Call call, storage_call(operation, "", parameters));
  return Step(std::move(call));
}

Result<Step> get_value(const Json& parameters, const ActionContext& /*context*/) {
  return begun("get", parameters);
}

Result<Step> got_value(Json carried, Json answer, const ActionContext& /*context*/) {
  return Step(retrieved(carried, answer));
}

Result<Step> put_value(const Json& parameters, const ActionContext& /*context*/) {
  const auto value = parameters.find("value");  // which may be null
  if (value == parameters.end()) return Parameters(parameters).value({"value"}).error();
  HEARTH_ASSIGN(Call call, storage_call("put", "", parameters));
  call.request["value"] = *value;
  return Step(std::move(call));
}

Result<Step> has_put(Json carried, Json /*answer*/, const ActionContext& /*context*/) {
  return Step(Json{{"stored", true}, {"key", carried["key"]}, {"namespace", carried["namespace"]}});
}

Result<Step> delete_value(const Json& parameters, const ActionContext& /*context*/) {
  return begun("delete", parameters);
}

Result<Step> deleted_value(Json carried, Json /*answer*/, const ActionContext& /*context*/) {
  return Step(Json{{"deleted", true}, {"key", carried["key"]}});
}

Result<Step> list_keys(const Json& parameters, const ActionContext& /*context*/) {
  return begun("list", parameters);
}

Result<Step> listed_keys(Json /*carried*/, Json answer, const ActionContext& /*context*/) {
  const Json& keys = list_in(answer, "keys");
  return Step(Json{{"keys", keys}, {"count", keys.size()}});
}

constexpr Action kStorageActions[] = {
    {"storage.get", get_value, got_value},
    {"storage.put", put_value, has_put},
    {"storage.delete", delete_value, deleted_value},
    {"storage.list", list_keys, listed_keys},
};

}  // namespace

std::span<const Action> storage_actions() { return kStorageActions; }

}  // namespace hearth::workflow
