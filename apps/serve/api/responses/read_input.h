// The input of OpenAI's Responses API: a text, or the items of a conversation.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/serve/api/conversation.h"
#include "apps/serve/api/members.h"

namespace hearth::serve::responses {

/// An item that was asked or answered before, by its id; null for none.
using FindItem = std::function<nlohmann::ordered_json(const std::string& id)>;

/// The "input" of a request as a list of items, each with a type and an id, those that are referred to in
/// place. Throws a Refusal where it is something else.
nlohmann::ordered_json read_input(const Members& body, const FindItem& find_item);

/// Goes on in the conversation with items. Throws a Refusal that names what is wrong, or what no model here
/// takes; `path` leads to the list.
void add_items(const nlohmann::ordered_json& items, const std::string& path, Conversation& conversation);

}  // namespace hearth::serve::responses
