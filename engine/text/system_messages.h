// System messages in conversations for templates that refuse them, ignore them, or take them at the beginning
// only. OpenAI's role "developer" is another name for them.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace hearth {

enum class SystemPlace : unsigned char {
  kAsGiven,    // where they stand
  kBeginning,  // the first ones as one message; later ones go before what the user says next
  kUser,       // all go before what the user says next
};

// All take messages that check_messages accepts.

bool has_system_messages(const nlohmann::ordered_json& messages);

/// The messages with all system messages in that place. Where the user says nothing after one, it follows
/// what the user said last; where the user says nothing at all, it is what the user says.
nlohmann::ordered_json with_system_messages(SystemPlace place, const nlohmann::ordered_json& messages);

/// Whether the text of each system message stands in the prompt.
bool shows_system_messages(std::string_view prompt, const nlohmann::ordered_json& messages);

}  // namespace hearth
