// Reading an answer that a conversation was given, whole or as it comes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/answer/answer_parser.h"
#include "engine/text/chat_template.h"

namespace hearth {

/// How many calls the messages of a conversation make.
size_t count_calls(const nlohmann::ordered_json& messages);

/// What the template itself wrote at a prompt's end.
std::string own_end(const std::vector<PromptPiece>& prompt);

/// Reads a whole answer to a conversation. An answer that begins with the header which the template writes is
/// read from there; before any other stands what the prompt has begun of it, or the reasoning that it ends.
/// If the last message is the assistant's, the answer goes on with it.
Answer read_answer(const ChatTemplate& chat_template, const ChatInput& conversation, AnswerOptions options,
                   std::string_view text);

}  // namespace hearth
