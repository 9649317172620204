#include "engine/text/system_messages.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/text/message_contents.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

constexpr const char* kBetween = "\n\n";

bool has_role(const ordered_json& message, std::string_view role) { return message["role"] == role; }

bool is_system(const ordered_json& message) {
  return has_role(message, "system") || has_role(message, "developer");
}

ordered_json content_of(const ordered_json& message) { return message.value("content", ordered_json()); }

/// Both contents with an empty line between them; a list of parts where either is one.
ordered_json joined(const ordered_json& first, const ordered_json& second) {
  if (text_of_content(first).empty()) return second;
  if (text_of_content(second).empty()) return first;
  if (first.is_string() && second.is_string()) {
    return first.get<std::string>() + kBetween + second.get<std::string>();
  }
  ordered_json parts = first.is_string() ? as_parts(first.get_ref<const std::string&>()) : first;
  const ordered_json more = second.is_string() ? as_parts(second.get_ref<const std::string&>()) : second;
  parts.push_back(as_parts(kBetween).front());
  parts.insert(parts.end(), more.begin(), more.end());
  return parts;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

}  // namespace

bool has_system_messages(const ordered_json& messages) {
  return std::any_of(messages.begin(), messages.end(), is_system);
}

ordered_json with_system_messages(SystemPlace place, const ordered_json& messages) {
  ordered_json placed = ordered_json::array();
  ordered_json waiting;       // contents for what the user says next
  size_t user_at = SIZE_MAX;  // what the user said last, in `placed`
  for (ordered_json message : messages) {
    if (is_system(message)) {
      message["role"] = "system";
      const bool is_second = placed.size() == 1 && is_system(placed.front());
      if (place == SystemPlace::kBeginning && is_second) {
        placed.front()["content"] = joined(content_of(placed.front()), content_of(message));
        continue;
      }
      if (place == SystemPlace::kUser || (place == SystemPlace::kBeginning && !placed.empty())) {
        waiting = joined(waiting, content_of(message));
        continue;
      }
    } else if (has_role(message, "user")) {
      message["content"] = joined(std::exchange(waiting, nullptr), content_of(message));
      user_at = placed.size();
    }
    placed.push_back(std::move(message));
  }
  if (text_of_content(waiting).empty()) return placed;
  if (user_at != SIZE_MAX) {
    placed[user_at]["content"] = joined(content_of(placed[user_at]), waiting);
  } else {
    placed.insert(placed.begin(), ordered_json({{"role", "user"}, {"content", waiting}}));
  }
  return placed;
}

bool shows_system_messages(std::string_view prompt, const ordered_json& messages) {
  const auto shows = [&](std::string_view text) {
    return prompt.find(trimmed(text)) != std::string_view::npos;
  };
  return std::all_of(messages.begin(), messages.end(), [&](const ordered_json& message) {
    const ordered_json content = content_of(message);
    if (!is_system(message)) return true;
    if (content.is_string()) return shows(content.get_ref<const std::string&>());
    return std::all_of(content.begin(), content.end(), [&](const ordered_json& part) {
      return shows(part["text"].get_ref<const std::string&>());
    });
  });
}

}  // namespace hearth
