// Where in a value something is: users[0].name, users[*].name, $.users, ["a key"].
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "engine/base/result.h"

namespace hearth::workflow {

/// What a path leads to; nothing where it leads nowhere. Behind [*] all that the rest of the path leads to is
/// a list, without what leads nowhere. An index below 0 counts from the end. INVALID_ARGUMENT for what is no
/// path.
Result<std::optional<nlohmann::ordered_json>> value_at(const nlohmann::ordered_json& value,
                                                       std::string_view path);

}  // namespace hearth::workflow
