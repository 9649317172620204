// What becomes of a conversation that outgrows its context: one rule for every face of Hearth.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/result.h"
#include "engine/runtime/chat_format.h"

namespace hearth {

struct FittedPrompt {
  std::vector<TokenId> tokens;
  int32_t turns_left_out = 0;
};

/// The prompt of a conversation that leaves at least a quarter of the context for the answer: its oldest
/// turns are left out until then. A turn is what a user said and all that followed, answers as well as calls
/// of tools and their results. The system messages that the conversation begins with stay, and so does its
/// last turn, which alone may be too long. Fails as ChatFormat::render does.
Result<FittedPrompt> fit_conversation(const ChatFormat& chat, const ChatInput& input, int32_t context_size);

}  // namespace hearth
