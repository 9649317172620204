// What an action is: a computation of its own, or questions to the host with something to make of the
// answers.
//
// The interpreter has no models, files or sockets. What an action needs of them it asks for as a Call, which
// the host carries out in its own time; then the action goes on with the answer.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/result.h"
#include "engine/workflow/expression/state.h"

namespace hearth::workflow {

/// A question to the host. What each means, its members and its answer: docs/workflows.md, "Hosts".
struct Call {
  std::string_view kind;  // generate, embed, rerank, tokenize, store, http, function
  nlohmann::ordered_json request;
  nlohmann::ordered_json carried{};  // what the action wants to know again when the answer is there
};

/// What a node's work comes to: a result, or a question first.
using Step = std::variant<nlohmann::ordered_json, Call>;

struct ActionContext {
  const State& state;
  const nlohmann::ordered_json& llm;  // parameters of settings.llm
};

struct Action {
  std::string_view name;
  /// With its parameters, whose templates stand for values already. INVALID_ARGUMENT names the parameter.
  Result<Step> (*begin)(const nlohmann::ordered_json& parameters, const ActionContext& context);
  /// With the host's answer to what begin, or this, asked. Null where an action asks nothing.
  Result<Step> (*proceed)(nlohmann::ordered_json carried, nlohmann::ordered_json answer,
                          const ActionContext& context) = nullptr;
};

/// Null where there is none.
const Action* find_action(std::string_view name);

}  // namespace hearth::workflow
