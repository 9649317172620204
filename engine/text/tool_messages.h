// Tools, calls and results for templates that show none, or show them in one way only: what a template does
// not show, its model would not know of.
#pragma once

#include <nlohmann/json.hpp>

#include "engine/base/result.h"
#include "engine/text/template_capabilities.h"

namespace hearth {

// Both take messages that check_messages accepts.

/// INVALID_ARGUMENT, saying what to do instead, where the template would leave out tools, results, or all but
/// one of a message's calls. `tools` may be null.
Result<void> check_tool_use(const TemplateCapabilities& capabilities, const nlohmann::ordered_json& messages,
                            const nlohmann::ordered_json& tools);

/// The messages with their calls as lines of JSON after their contents, {"name": "weather", "arguments":
/// {"city": "Rome"}}: for a template that shows no calls.
nlohmann::ordered_json with_calls_as_text(const nlohmann::ordered_json& messages);

}  // namespace hearth
