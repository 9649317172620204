#include "apps/serve/api/conversation.h"

#include <utility>

namespace hearth::serve {

using nlohmann::ordered_json;

namespace {

void append(ordered_json& member, const std::string& text, std::string_view between) {
  std::string all = member.is_string() ? member.get<std::string>() : "";
  if (!all.empty()) all += between;
  member = all + text;
}

}  // namespace

ordered_json& Conversation::last(std::string_view role) {
  if (messages_.empty() || messages_.back()["role"] != role) {
    messages_.push_back({{"role", role}, {"content", nullptr}});
  }
  return messages_.back();
}

void Conversation::add(std::string_view role, const std::string& text) {
  messages_.push_back({{"role", role}, {"content", text}});
}

void Conversation::extend(std::string_view role, const std::string& text, std::string_view between) {
  append(last(role)["content"], text, between);
}

void Conversation::think(const std::string& text) {
  append(last("assistant")["reasoning_content"], text, "\n\n");
}

void Conversation::call(std::string id, std::string name, ordered_json arguments) {
  ordered_json function = {{"name", std::move(name)}, {"arguments", std::move(arguments)}};
  last("assistant")["tool_calls"].push_back(
      {{"id", std::move(id)}, {"type", "function"}, {"function", std::move(function)}});
}

void Conversation::result(std::string call_id, const std::string& text) {
  messages_.push_back({{"role", "tool"}, {"tool_call_id", std::move(call_id)}, {"content", text}});
}

}  // namespace hearth::serve
