#include "engine/text/message_contents.h"

#include <fmt/format.h>

#include <utility>

#include "engine/text/json_text.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

Result<void> check_part(const ordered_json& part, size_t message, size_t index) {
  const std::string name = fmt::format("messages[{}].content[{}]", message, index);
  if (!part.is_object()) {
    return invalid_messages(fmt::format(
        R"({} must be a part, {{"type": "text", "text": "..."}}, not a JSON {})", name, json_type(part)));
  }
  const auto type = part.find("type");
  if (type == part.end() || !type->is_string()) {
    return invalid_messages(
        fmt::format(R"({} has no type; a part is {{"type": "text", "text": "..."}})", name));
  }
  if (type->get_ref<const std::string&>() != "text") {
    return invalid_messages(fmt::format("{} is a part of type \"{}\"; there are only parts of type \"text\"",
                                        name, type->get_ref<const std::string&>()));
  }
  const auto text = part.find("text");
  if (text != part.end() && text->is_string()) return {};
  return invalid_messages(fmt::format("{} is a part of type \"text\", but its \"text\" is no string", name));
}

Result<void> check_content(const ordered_json& content, size_t message) {
  if (content.is_string() || content.is_null()) return {};
  if (!content.is_array()) {
    return invalid_messages(
        fmt::format("messages[{}].content must be a text, a list of parts or null, not a JSON {}", message,
                    json_type(content)));
  }
  for (size_t index = 0; index < content.size(); ++index) {
    HEARTH_TRY(check_part(content[index], message, index));
  }
  return {};
}

}  // namespace

Result<void> check_messages(const ordered_json& messages) {
  if (!messages.is_array()) return invalid_messages("the messages must be a JSON array");
  for (size_t index = 0; index < messages.size(); ++index) {
    const ordered_json& message = messages[index];
    if (!message.is_object()) {
      return invalid_messages(
          fmt::format("messages[{}] must be a JSON object, not a JSON {}", index, json_type(message)));
    }
    const auto role = message.find("role");
    if (role == message.end() || !role->is_string()) {
      return invalid_messages(fmt::format("messages[{}] has no role, such as \"user\"", index));
    }
    const auto content = message.find("content");
    if (content != message.end()) HEARTH_TRY(check_content(*content, index));
  }
  return {};
}

std::string text_of_content(const ordered_json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  for (const ordered_json& part : content) text += part["text"].get_ref<const std::string&>();
  return text;
}

ordered_json as_parts(std::string_view text) {
  return ordered_json::array({{{"type", "text"}, {"text", text}}});
}

ordered_json with_contents_for(const TemplateCapabilities& capabilities, ordered_json messages) {
  for (ordered_json& message : messages) {
    ordered_json& content = message["content"];
    const bool has_parts = content.is_array() && !content.empty();
    if (has_parts && capabilities.takes_parts(message["role"].get_ref<const std::string&>())) continue;
    const std::string text = text_of_content(content);
    if (text.empty() && capabilities.calls_without_content && message.contains("tool_calls")) {
      content = nullptr;
    } else if (capabilities.only_parts) {
      content = as_parts(text);
    } else {
      content = text;
    }
  }
  return messages;
}

}  // namespace hearth
