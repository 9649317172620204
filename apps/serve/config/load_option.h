// What the engine says to an option of loading, before there is a model to load.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/base/result.h"

namespace hearth::serve {

/// INVALID_ARGUMENT for a name that the engine has no option by, naming those that it has, and for a value
/// that cannot be.
Result<void> check_load_option(const std::string& name, const nlohmann::ordered_json& value);

}  // namespace hearth::serve
