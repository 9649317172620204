// How a run that has failed ended, for hosts.
#pragma once

#include <nlohmann/json.hpp>

#include "engine/base/result.h"

namespace hearth::workflow {

/// What ended a run, as an error like others: of its last event, where that is `error`.
Error error_of(const nlohmann::ordered_json& event);

}  // namespace hearth::workflow
