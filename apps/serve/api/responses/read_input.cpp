#include "apps/serve/api/responses/read_input.h"

#include <fmt/format.h>

#include "apps/serve/api/random_id.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::responses {

using nlohmann::ordered_json;

namespace {

[[noreturn]] void refuse_kind(const Members& member, const std::string& type, std::string_view why) {
  const std::string path = member.path_of("type");
  throw Refusal(400, ErrorCode::kUnsupported, fmt::format("{}: '{}' {}", path, type, why)).about(path);
}

/// The text of parts of any of these types.
std::string text_of_parts(const ordered_json& parts, const std::string& path) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string at = fmt::format("{}[{}]", path, i);
    if (!parts[i].is_object()) refuse_param(at, fmt::format("must be an object, not {}", shown(parts[i])));
    const Members part(parts[i], at);
    const std::string type = part.text("type");
    if (type == "refusal") {
      text += part.text("refusal");
    } else if (type == "input_text" || type == "output_text" || type == "text" || type == "summary_text" ||
               type == "reasoning_text") {
      text += part.text("text");
    } else {
      refuse_kind(part, type, "can't be shown to the model: send text");
    }
  }
  return text;
}

std::string text_of(const Members& item, std::string_view name) {
  if (!item[name].is_array()) return item.text(name);
  return text_of_parts(item.array(name), item.path_of(name));
}

void add_message(const Members& item, Conversation& conversation) {
  const std::string role = item.text("role");
  const std::string text = text_of(item, "content");
  if (role == "assistant") {
    conversation.extend(role, text, "\n\n");
  } else if (role == "user" || role == "system" || role == "developer") {
    conversation.add(role == "developer" ? "system" : role, text);
  } else {
    item.refuse("role", "must be \"user\", \"assistant\", \"system\" or \"developer\"");
  }
}

void add_item(const Members& item, Conversation& conversation) {
  const std::string type = item.text("type");
  if (type == "message") {
    add_message(item, conversation);
  } else if (type == "reasoning") {
    const std::string thought = text_of(item, "content");
    conversation.think(thought.empty() ? text_of(item, "summary") : thought);
  } else if (type == "function_call") {
    conversation.call(item.text("call_id"), item.text("name"), item.text("arguments"));
  } else if (type == "function_call_output") {
    conversation.result(item.text("call_id"), text_of(item, "output"));
  } else {
    refuse_kind(item, type, "is an item of a tool that OpenAI runs; here tools are functions that you run");
  }
}

std::string_view prefix_of(const std::string& type) {
  if (type == "reasoning") return "rs_";
  if (type == "function_call") return "fc_";
  return type == "message" ? "msg_" : "item_";
}

ordered_json complete_item(const Members& given, const FindItem& find_item) {
  const bool refers = given.text("type") == "item_reference" || (!given.has("type") && !given.has("role"));
  if (refers) {
    ordered_json item = find_item(given.text("id"));
    if (item.is_null()) {
      given.refuse("id", fmt::format("names no item that is kept here: '{}'", given.text("id")));
    }
    return item;
  }
  const std::string type = given.text("type", "message");
  const std::string id = given.text("id");
  ordered_json item = {{"id", id.empty() ? random_id(prefix_of(type)) : id}, {"type", type}};
  for (const auto& [name, value] : given.json().items()) {
    if (name != "id" && name != "type") item[name] = value;
  }
  if (type == "message" && item.value("content", ordered_json()).is_string()) {
    const std::string kind = given.text("role") == "assistant" ? "output_text" : "input_text";
    item["content"] = ordered_json::array({{{"type", kind}, {"text", item["content"]}}});
  }
  return item;
}

}  // namespace

ordered_json read_input(const Members& body, const FindItem& find_item) {
  if (!body.has("input")) body.refuse("input", "is missing");
  ordered_json items = ordered_json::array();
  if (body["input"].is_string()) {
    const ordered_json message = {{"role", "user"}, {"content", body["input"]}};
    items.push_back(complete_item(Members(message), find_item));
    return items;
  }
  const ordered_json& given = body.array("input");
  if (given.empty()) body.refuse("input", "must have at least one item");
  for (size_t i = 0; i < given.size(); ++i) {
    const std::string path = fmt::format("input[{}]", i);
    if (!given[i].is_object()) refuse_param(path, fmt::format("must be an object, not {}", shown(given[i])));
    items.push_back(complete_item(Members(given[i], path), find_item));
  }
  return items;
}

void add_items(const ordered_json& items, const std::string& path, Conversation& conversation) {
  for (size_t i = 0; i < items.size(); ++i) {
    add_item(Members(items[i], fmt::format("{}[{}]", path, i)), conversation);
  }
}

}  // namespace hearth::serve::responses
