#include "apps/serve/api/openai/chat_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "apps/serve/refusal.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

constexpr std::string_view kMediaParts[] = {"image_url",   "input_image", "image", "input_audio", "audio",
                                            "input_video", "video_url",   "file",  "input_file"};

/// A part of a content: its text, whatever API names it.
ordered_json text_part(const Members& part, const std::string& path) {
  const std::string type = part.text("type");
  if (std::find(std::begin(kMediaParts), std::end(kMediaParts), type) != std::end(kMediaParts)) {
    throw Refusal(400, ErrorCode::kUnsupported,
                  fmt::format("{} is a part of type \"{}\", and models here read only text", path, type))
        .about(path);
  }
  if (type == "refusal") return {{"type", "text"}, {"text", part.text("refusal")}};
  if (type != "text" && type != "input_text" && type != "output_text") {
    part.refuse("type", fmt::format("must be \"text\", not {}", shown(part["type"])));
  }
  if (!part.has("text")) part.refuse("text", "is missing");
  return {{"type", "text"}, {"text", part.text("text")}};
}

ordered_json content_of(const Members& message) {
  const ordered_json& content = message["content"];
  if (content.is_null() || content.is_string()) return content;
  if (!content.is_array()) {
    message.refuse("content", fmt::format("must be a text, a list of parts or null, not {}", shown(content)));
  }
  ordered_json parts = ordered_json::array();
  for (size_t index = 0; index < content.size(); ++index) {
    const std::string path = fmt::format("{}[{}]", message.path_of("content"), index);
    if (!content[index].is_object()) refuse_param(path, "must be an object");
    parts.push_back(text_part(Members(content[index], path), path));
  }
  return parts;
}

std::string id_of_function_call(size_t message) { return fmt::format("call{:05}", message); }

/// Functions and their results as tools have them; `index` is the message's.
void read_function_call(const Members& given, size_t index, ordered_json& message) {
  if (given.has("function_call")) {
    const Members call = given.object("function_call");
    const ordered_json function = {{"name", call.text("name")}, {"arguments", call.text("arguments")}};
    const ordered_json tool_call = {
        {"id", id_of_function_call(index)}, {"type", "function"}, {"function", function}};
    message["tool_calls"] = ordered_json::array({tool_call});
  }
  message.erase("function_call");
  if (message["role"] == "function") {
    message["role"] = "tool";
    if (index > 0) message["tool_call_id"] = id_of_function_call(index - 1);
  }
}

ordered_json message_of(const ordered_json& json, size_t index) {
  const std::string path = fmt::format("messages[{}]", index);
  if (!json.is_object()) refuse_param(path, fmt::format("must be an object, not {}", shown(json)));
  const Members given(json, path);
  if (!given.has("role")) given.refuse("role", "is missing");
  const std::string role = given.text("role");
  ordered_json message = json;
  if (given.has("content")) message["content"] = content_of(given);
  if (role == "developer") message["role"] = "system";
  read_function_call(given, index, message);
  // As some clients send back what other servers call it.
  if (given.has("reasoning") && !given.has("reasoning_content")) {
    message["reasoning_content"] = given.text("reasoning");
  }
  return message;
}

std::string joined(const ordered_json& parts) {
  std::string text;
  for (const ordered_json& part : parts) text += part["text"].get_ref<const std::string&>();
  return text;
}

/// An assistant's message at the end is the beginning of the answer.
void check_beginning(ordered_json& messages) {
  const auto is_assistant = [](const ordered_json& message) { return message["role"] == "assistant"; };
  if (!is_assistant(messages.back())) return;
  if (messages.size() > 1 && is_assistant(messages[messages.size() - 2])) {
    refuse_param(fmt::format("messages[{}]", messages.size() - 1),
                 "follows another of the assistant's; only one can be gone on with");
  }
  ordered_json& last = messages.back();
  if (last.contains("content") && last["content"].is_array()) last["content"] = joined(last["content"]);
}

ordered_json tool_of(const ordered_json& json, const std::string& path) {
  if (!json.is_object()) refuse_param(path, fmt::format("must be an object, not {}", shown(json)));
  const Members tool(json, path);
  const std::string type = tool.text("type", "function");
  if (type != "function") tool.refuse("type", fmt::format("must be \"function\", not \"{}\"", type));
  if (tool.object("function").text("name").empty()) tool.refuse("function", "has no name");
  ordered_json copy = json;
  copy["type"] = "function";
  return copy;
}

ordered_json tools_of(const Members& body) {
  ordered_json tools = ordered_json::array();
  const ordered_json& given = body.array("tools");
  for (size_t index = 0; index < given.size(); ++index) {
    tools.push_back(tool_of(given[index], fmt::format("tools[{}]", index)));
  }
  const ordered_json& functions = body.array("functions");
  for (size_t index = 0; index < functions.size(); ++index) {
    const ordered_json tool = {{"type", "function"}, {"function", functions[index]}};
    tools.push_back(tool_of(tool, fmt::format("functions[{}]", index)));
  }
  return tools;
}

/// Only the tools that a choice of the type "allowed_tools" lists.
std::string read_allowed_tools(const Members& choice, ordered_json& tools) {
  const Members allowed = choice.has("allowed_tools") ? choice.object("allowed_tools") : choice;
  const ordered_json& list = allowed.array("tools");
  const auto is_allowed = [&](const ordered_json& tool) {
    return std::any_of(list.begin(), list.end(), [&](const ordered_json& entry) {
      return entry.is_object() && entry.contains("function") && entry["function"].is_object() &&
             entry["function"].value("name", ordered_json()) == tool["function"]["name"];
    });
  };
  ordered_json kept = ordered_json::array();
  std::copy_if(tools.begin(), tools.end(), std::back_inserter(kept), is_allowed);
  tools = std::move(kept);
  return allowed.text("mode", "auto");
}

std::string choice_of(const Members& body, std::string_view member, ordered_json& tools) {
  const ordered_json& given = body[member];
  if (given.is_null()) return "auto";
  if (given.is_string()) {
    std::string choice = body.text(member);
    if (choice == "auto" || choice == "none" || choice == "required") return choice;
    body.refuse(member, fmt::format("must be auto, none, required or an object that names a tool, not {}",
                                    shown(given)));
  }
  const Members choice = body.object(member);
  if (choice.text("type") == "allowed_tools") return read_allowed_tools(choice, tools);
  std::string name = choice.has("function") ? choice.object("function").text("name") : choice.text("name");
  const bool is_known = std::any_of(
      tools.begin(), tools.end(), [&](const ordered_json& tool) { return tool["function"]["name"] == name; });
  if (!is_known) body.refuse(member, fmt::format("names '{}', which is none of the tools", name));
  return name;
}

}  // namespace

ordered_json read_messages(const Members& body) {
  if (!body.has("messages")) body.refuse("messages", "is missing");
  const ordered_json& given = body.array("messages");
  if (given.empty()) body.refuse("messages", "is empty");
  ordered_json messages = ordered_json::array();
  for (size_t index = 0; index < given.size(); ++index) messages.push_back(message_of(given[index], index));
  check_beginning(messages);
  return messages;
}

void read_tools(const Members& body, ordered_json& chat) {
  ordered_json tools = tools_of(body);
  const std::string_view member = body.has("tool_choice") ? "tool_choice" : "function_call";
  const std::string choice = choice_of(body, member, tools);
  if (choice == "required" && tools.empty()) body.refuse(member, "is \"required\", but there are no tools");
  if (tools.empty() || choice == "none") return;
  chat["tools"] = std::move(tools);
  chat["toolChoice"] = choice;
}

}  // namespace hearth::serve::openai
