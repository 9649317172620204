// The options that say how a conversation begins, shared by run, chat and template.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "engine/base/result.h"
#include "engine/text/chat_template.h"

namespace hearth::cli {

struct ConversationOptions {
  std::string system;
  std::string variables;  // JSON; empty: none
};

/// Adds --system and --variables.
void add_conversation_options(CLI::App& command, ConversationOptions& options);

/// A conversation of no more than a system message, if that. INVALID_ARGUMENT for variables that are not a
/// JSON object.
Result<ChatInput> begin_conversation(const ConversationOptions& options);

/// The conversation as JSON, as a generation takes it (GenerationOptions::chat).
std::string chat_text(const ChatInput& conversation);

}  // namespace hearth::cli
