// Actions on the state alone.
#include "engine/workflow/actions/parameters.h"
#include "engine/workflow/actions/tables.h"

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

/// The parameters, as they are.
Result<Step> passthrough(const Json& parameters, const ActionContext& /*context*/) {
  return Step(parameters);
}

/// return: what `value` says; without one the parameters.
Result<Step> give_back(const Json& parameters, const ActionContext& /*context*/) {
  const Json* value = Parameters(parameters).find({"value"});
  return Step(value == nullptr ? parameters : *value);
}

Result<Step> get(const Json& parameters, const ActionContext& context) {
  const Parameters given(parameters);
  HEARTH_ASSIGN(const std::string key, given.text({"key"}));
  if (const Json* value = context.state.find(key)) return Step(*value);
  const Json* otherwise = given.find({"default"});
  return Step(otherwise == nullptr ? Json() : *otherwise);
}

/// state.set: {key, value}, or any keys with their values.
Result<Step> set(const Json& parameters, const ActionContext& /*context*/) {
  const Parameters given(parameters);
  if (parameters.size() != 2 || given.find({"key"}) == nullptr || !parameters.contains("value"))
    return Step(parameters);
  HEARTH_ASSIGN(const std::string key, given.text({"key"}));
  return Step(Json{{key, parameters["value"]}});
}

constexpr Action kStateActions[] = {
    {"passthrough", passthrough}, {"return", give_back},         {"state.get", get},
    {"state.set", set},           {"state.update", passthrough},
};

}  // namespace

std::span<const Action> state_actions() { return kStateActions; }

}  // namespace hearth::workflow
