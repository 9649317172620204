#include "engine/text/tool_messages.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "engine/text/json_text.h"
#include "engine/text/message_contents.h"
#include "engine/text/tool_arguments.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

size_t call_count(const ordered_json& message) {
  const auto calls = message.find("tool_calls");
  return calls != message.end() && calls->is_array() ? calls->size() : 0;
}

/// A line of JSON for each call.
std::string text_of_calls(const ordered_json& calls) {
  std::string text;
  for (const ordered_json& call : calls) {
    const bool has_function = call.is_object() && call.contains("function");
    const ordered_json& function = has_function ? call["function"] : call;
    text += text.empty() ? "" : "\n";
    text += write_json(function);
  }
  return text;
}

}  // namespace

Result<void> check_tool_use(const TemplateCapabilities& capabilities, const ordered_json& messages,
                            const ordered_json& tools) {
  if (!capabilities.tools && tools.is_array() && !tools.empty()) {
    return invalid_messages(
        "the model's chat template shows no tools; leave them out, and describe them in a message if need "
        "be, or use a model whose template has tools");
  }
  for (size_t index = 0; index < messages.size(); ++index) {
    const ordered_json& message = messages[index];
    if (!capabilities.results && message["role"] == "tool") {
      return invalid_messages(fmt::format(
          "messages[{}] is a tool's result, which the model's chat template does not show; say it "
          "in a message of the user's",
          index));
    }
    if (capabilities.calls && !capabilities.parallel_calls && call_count(message) > 1) {
      return invalid_messages(
          fmt::format("messages[{}] makes {} tool calls, but the model's chat template shows only one of a "
                      "message; give each call a message of its own, followed by its result",
                      index, call_count(message)));
    }
  }
  return {};
}

ordered_json with_calls_as_text(const ordered_json& messages) {
  ordered_json changed = with_arguments_as(messages, ArgumentForm::kObject);
  for (ordered_json& message : changed) {
    if (call_count(message) == 0) continue;
    const std::string text = text_of_content(message["content"]);
    message["content"] = text + (text.empty() ? "" : "\n") + text_of_calls(message["tool_calls"]);
    message.erase("tool_calls");
  }
  return changed;
}

}  // namespace hearth
