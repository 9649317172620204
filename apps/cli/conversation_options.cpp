#include "apps/cli/conversation_options.h"

#include "engine/text/json_text.h"

namespace hearth::cli {

void add_conversation_options(CLI::App& command, ConversationOptions& options) {
  command.add_option("-s,--system", options.system, "System message");
  command.add_option("--variables", options.variables,
                     "JSON object of further variables for the chat template, such as "
                     "'{\"enable_thinking\": false}'");
}

Result<ChatInput> begin_conversation(const ConversationOptions& options) {
  ChatInput input;
  if (!options.system.empty()) input.messages.push_back({{"role", "system"}, {"content", options.system}});
  if (options.variables.empty()) return input;
  HEARTH_ASSIGN(input.variables, parse_json(options.variables, "--variables"));
  if (input.variables.is_object()) return input;
  return Error{ErrorCode::kInvalidArgument, "--variables: is not a JSON object"};
}

std::string chat_text(const ChatInput& conversation) {
  return write_json({{"messages", conversation.messages}, {"variables", conversation.variables}});
}

}  // namespace hearth::cli
