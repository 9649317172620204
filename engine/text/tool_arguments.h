// The arguments of a message's tool calls, in the form that a chat template expects.
//
// OpenAI's API has them as JSON text, and some templates write that text as it is; others walk through an
// object, or write it with tojson.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace hearth {

enum class ArgumentForm : unsigned char { kObject, kText };

/// Whether any message calls a tool.
bool has_tool_calls(const nlohmann::ordered_json& messages);

/// The messages with all tool call arguments in that form. Text that is no JSON object stays text.
nlohmann::ordered_json with_arguments_as(const nlohmann::ordered_json& messages, ArgumentForm form);

/// Whether a prompt shows that its template wrote argument objects in Python's own notation, {'city':
/// 'Rome'}, which no model was trained on: such a template expects text.
bool shows_python_objects(std::string_view prompt, const nlohmann::ordered_json& messages);

}  // namespace hearth
