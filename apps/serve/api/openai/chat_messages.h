// Messages and tools of OpenAI's API as chat templates know them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "apps/serve/api/members.h"

namespace hearth::serve::openai {

/// `messages`, with contents that are text, system messages for a developer's, and calls of tools for those
/// of functions, as they were called before. Throws a Refusal naming the member that is wrong.
nlohmann::ordered_json read_messages(const Members& body);

/// Sets "tools" and "toolChoice" of the conversation by `tools` and `tool_choice`, or by `functions` and
/// `function_call`.
void read_tools(const Members& body, nlohmann::ordered_json& chat);

}  // namespace hearth::serve::openai
