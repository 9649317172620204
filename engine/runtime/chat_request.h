// A conversation with all that a caller says of it, as the faces pass it on: in JSON.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/text/chat_template.h"

namespace hearth {

struct ChatRequest {
  ChatInput input;
  /// "auto", "none", "required", or the name of the tool that must be called.
  std::string tool_choice = "auto";
  bool keep_reasoning = false;  // in the text, with its marks
};

/// Reads {"messages": [...], "tools": [...], "toolChoice": "...", "keepReasoning": false, "variables": {...},
/// "addGenerationPrompt": true}, of which only the messages must be there. With the choice "none" there are
/// no tools. INVALID_ARGUMENT naming the member that is unknown or wrong, or the tool that is none.
Result<ChatRequest> read_chat(std::string_view json);

}  // namespace hearth
