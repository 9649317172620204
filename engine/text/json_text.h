// JSON that users and callers write: conversations, tools, variables of templates.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "engine/base/result.h"

namespace hearth {

/// What a text says as JSON; a byte-order mark is passed over. INVALID_ARGUMENT with `name`, line and column
/// where it is no JSON, or where lists and objects are nested more than 200 deep, which no template reads.
Result<nlohmann::ordered_json> parse_json(std::string_view text, std::string_view name);

}  // namespace hearth
