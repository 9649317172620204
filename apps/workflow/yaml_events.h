// YAML read by yaml-cpp, as the events of which engine/workflow makes a document.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace hearth::workflow {

/// The events of the one document in a text (document.h says what they are). INVALID_ARGUMENT,
/// "NAME:LINE:COLUMN: ...", where it is no YAML, or several documents.
Result<nlohmann::ordered_json> yaml_events(const std::string& text, std::string_view name);

}  // namespace hearth::workflow
