// The calls of a run that a model answers.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/serve/models/model_use.h"
#include "apps/serve/operation/request_record.h"

namespace hearth::serve::workflows {

/// Of the kinds generate, embed, rerank and tokenize, as docs/workflows.md has them; `record` counts what the
/// call takes, and `tell`, where there is one, gets pieces of an answer as they come. Throws a Refusal.
Awaitable<nlohmann::ordered_json> answer_of_model(ModelUse& model, std::shared_ptr<RequestRecord> record,
                                                  std::string kind, nlohmann::ordered_json request,
                                                  std::function<Awaitable<>(std::string text)> tell);

}  // namespace hearth::serve::workflows
