#include "engine/text/tool_arguments.h"

#include <string>
#include <utility>

#include "engine/text/json_text.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

/// Calls visit(arguments) for each tool call's arguments.
template <typename Messages, typename Visit>
void each_arguments(Messages& messages, Visit visit) {
  if (!messages.is_array()) return;
  for (auto& message : messages) {
    if (!message.is_object() || !message.contains("tool_calls") || !message["tool_calls"].is_array())
      continue;
    for (auto& call : message["tool_calls"]) {
      if (!call.is_object()) continue;
      // OpenAI's calls have a "function"; some templates take the bare one.
      auto& function = call.contains("function") ? call["function"] : call;
      if (function.is_object() && function.contains("arguments")) visit(function["arguments"]);
    }
  }
}

/// How Python begins to write a value: enough to tell a call's arguments from the tool's description, where
/// the same name stands before a dict.
std::string python_beginning(const ordered_json& value) {
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  if (const auto* text = value.get_ptr<const std::string*>()) {
    const bool has_quote = text->find('\'') != std::string::npos && text->find('"') == std::string::npos;
    return (has_quote ? "\"" : "'") + text->substr(0, text->find_first_of("\\'\n\t"));
  }
  return value.is_structured() ? "" : write_json(value);
}

}  // namespace

bool has_tool_calls(const ordered_json& messages) {
  bool any = false;
  each_arguments(messages, [&](const ordered_json&) { any = true; });
  return any;
}

ordered_json with_arguments_as(const ordered_json& messages, ArgumentForm form) {
  ordered_json changed = messages;
  each_arguments(changed, [&](ordered_json& arguments) {
    if (form == ArgumentForm::kText && arguments.is_object()) {
      arguments = write_json(arguments);
    } else if (const auto* text = arguments.get_ptr<const std::string*>();
               text && form == ArgumentForm::kObject) {
      Result<ordered_json> parsed = parse_json(*text, "the arguments");
      if (parsed.ok() && parsed->is_object()) arguments = std::move(parsed).value();
    }
  });
  return changed;
}

bool shows_python_objects(std::string_view prompt, const ordered_json& messages) {
  bool shows = false;
  each_arguments(messages, [&](const ordered_json& arguments) {
    if (!arguments.is_object() || arguments.empty()) return;
    const std::string beginning =
        "{'" + arguments.begin().key() + "': " + python_beginning(*arguments.begin());
    shows = shows || prompt.find(beginning) != std::string_view::npos;
  });
  return shows;
}

}  // namespace hearth
