#include "engine/runtime/chat_request.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/text/answer/tool_schemas.h"
#include "engine/text/json_text.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

Error refused(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

/// False for a member that is unknown or of the wrong type.
bool take_member(const std::string& name, const ordered_json& value, ChatRequest& request) {
  if (name == "tools" && (value.is_array() || value.is_null())) {
    request.input.tools = value;
  } else if (name == "toolChoice" && value.is_string()) {
    request.tool_choice = value;
  } else if (name == "keepReasoning" && value.is_boolean()) {
    request.keep_reasoning = value;
  } else if (name == "variables" && value.is_object()) {
    request.input.variables = value;
  } else if (name == "addGenerationPrompt" && value.is_boolean()) {
    request.input.add_generation_prompt = value;
  } else {
    return name == "messages";
  }
  return true;
}

Result<void> check_choice(const ChatRequest& request) {
  const std::string& choice = request.tool_choice;
  if (choice == "auto" || choice == "none") return {};
  const ordered_json& tools = request.input.tools;
  if (!tools.is_array() || tools.empty()) {
    return refused(fmt::format("toolChoice is \"{}\", but there are no tools", choice));
  }
  if (choice == "required" || ToolSchemas(tools).may_be(choice)) return {};
  return refused(
      fmt::format("toolChoice \"{}\" names no tool; it is one of them, or auto, none or required", choice));
}

}  // namespace

Result<ChatRequest> read_chat(std::string_view json) {
  HEARTH_ASSIGN(const ordered_json chat, parse_json(json, "the chat"));
  if (!chat.is_object() || !chat.contains("messages") || !chat["messages"].is_array()) {
    return refused("the chat must be a JSON object with an array named \"messages\"");
  }
  ChatRequest request;
  request.input.messages = chat["messages"];
  for (const auto& [name, value] : chat.items()) {
    if (take_member(name, value, request)) continue;
    return refused(fmt::format(
        "the chat's member \"{}\" is unknown or of the wrong type; there are \"messages\" and \"tools\" "
        "(arrays), \"toolChoice\" (a string), \"variables\" (an object), and \"keepReasoning\" and "
        "\"addGenerationPrompt\" (true or false)",
        name));
  }
  HEARTH_TRY(check_choice(request));
  if (request.tool_choice == "none") request.input.tools = nullptr;
  return request;
}

}  // namespace hearth
