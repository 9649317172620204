#include "engine/runtime/conversation_window.h"

#include <string>
#include <utility>

namespace hearth {
namespace {

std::string role_of(const nlohmann::ordered_json& message) {
  const auto role = message.is_object() ? message.find("role") : message.end();
  return role != message.end() && role->is_string() ? role->get<std::string>() : std::string();
}

/// Where each turn begins, as indices of messages.
std::vector<size_t> turns_of(const nlohmann::ordered_json& messages) {
  size_t first = 0;
  while (first < messages.size() &&
         (role_of(messages[first]) == "system" || role_of(messages[first]) == "developer")) {
    ++first;
  }
  std::vector<size_t> turns;
  for (size_t index = first; index < messages.size(); ++index) {
    if (index == first || role_of(messages[index]) == "user") turns.push_back(index);
  }
  return turns;
}

Result<std::vector<TokenId>> tokens_without(const ChatFormat& chat, ChatInput input,
                                            const std::vector<size_t>& turns, size_t left_out) {
  if (left_out > 0) {
    auto& messages = input.messages.get_ref<nlohmann::ordered_json::array_t&>();
    const auto begin = messages.begin();
    messages.erase(begin + static_cast<std::ptrdiff_t>(turns.front()),
                   begin + static_cast<std::ptrdiff_t>(turns[left_out]));
  }
  HEARTH_ASSIGN(const std::vector<PromptPiece> pieces, chat.render(std::move(input)));
  return chat.encode(pieces);
}

}  // namespace

Result<FittedPrompt> fit_conversation(const ChatFormat& chat, const ChatInput& input, int32_t context_size) {
  const auto room = static_cast<size_t>(context_size - context_size / 4);
  const std::vector<size_t> turns = turns_of(input.messages);
  FittedPrompt fitted;
  HEARTH_ASSIGN(fitted.tokens, tokens_without(chat, input, turns, 0));
  if (fitted.tokens.size() <= room || turns.size() < 2) return fitted;
  // The fewest turns to leave out, by halves: a long conversation is not tokenised once for each of them.
  size_t fewest = 1;
  size_t most = turns.size() - 1;
  while (fewest < most) {
    const size_t middle = (fewest + most) / 2;
    HEARTH_ASSIGN(const std::vector<TokenId> tokens, tokens_without(chat, input, turns, middle));
    if (tokens.size() <= room) {
      most = middle;
    } else {
      fewest = middle + 1;
    }
  }
  HEARTH_ASSIGN(fitted.tokens, tokens_without(chat, input, turns, fewest));
  fitted.turns_left_out = static_cast<int32_t>(fewest);
  return fitted;
}

}  // namespace hearth
