// What actions ask of the host's store.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/base/result.h"
#include "engine/workflow/actions/action.h"

namespace hearth::workflow {

/// The question `store` with the parameters {key, namespace, default} or, to list, {prefix, namespace}.
/// `area` goes before the namespace. It carries {key, namespace, default?}. INVALID_ARGUMENT names the
/// parameter.
Result<Call> storage_call(std::string_view operation, std::string_view area,
                          const nlohmann::ordered_json& parameters);

/// {value, found, key} of the answer to a `get`, by what it carried.
nlohmann::ordered_json retrieved(const nlohmann::ordered_json& carried, const nlohmann::ordered_json& answer);

}  // namespace hearth::workflow
