// What every host does with a run's calls and events.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/base/result.h"

namespace hearth::workflow {

/// What ended a run, as an error like others: of its last event, where that is `error`.
Error error_of(const nlohmann::ordered_json& event);

/// One of the documents of a call of the kind `rerank`: a text, or an object with a `text`. INVALID_ARGUMENT.
Result<std::string> document_text(const nlohmann::ordered_json& document);

}  // namespace hearth::workflow
