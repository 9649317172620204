// hearth template: the prompt that a model's chat template makes of messages. Needs no weights.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/conversation_options.h"
#include "apps/cli/input.h"
#include "apps/cli/model_argument.h"
#include "engine/format/model_file.h"
#include "engine/runtime/chat_format.h"
#include "engine/text/tokenizer.h"

namespace hearth::cli {
namespace {

struct TemplateOptions {
  std::string path;
  std::vector<std::string> users;
  ConversationOptions conversation;
  std::string messages_path;
  std::string tools_path;
  bool no_generation_prompt = false;
  bool json = false;
};

Result<nlohmann::ordered_json> read_array(const std::string& path) {
  HEARTH_ASSIGN(nlohmann::ordered_json json, read_json(path));
  if (json.is_array()) return json;
  return Error{ErrorCode::kInvalidArgument, fmt::format("{}: is not a JSON array", path)};
}

Result<ChatInput> chat_input(const TemplateOptions& options) {
  HEARTH_ASSIGN(ChatInput input, begin_conversation(options.conversation));
  input.add_generation_prompt = !options.no_generation_prompt;
  if (!options.messages_path.empty()) {
    HEARTH_ASSIGN(const nlohmann::ordered_json messages, read_array(options.messages_path));
    for (const auto& message : messages) input.messages.push_back(message);
  }
  for (const std::string& text : options.users) {
    input.messages.push_back({{"role", "user"}, {"content", text}});
  }
  if (!options.tools_path.empty()) {
    HEARTH_ASSIGN(input.tools, read_array(options.tools_path));
  }
  return input;
}

Result<void> show_template(const TemplateOptions& options) {
  HEARTH_ASSIGN(const ModelFile file, ModelFile::open(options.path));
  HEARTH_ASSIGN(const auto tokenizer, Tokenizer::from_gguf(file.metadata()));
  HEARTH_ASSIGN(ChatInput input, chat_input(options));
  const ChatFormat format(file.metadata(), *tokenizer);
  HEARTH_ASSIGN(const std::vector<PromptPiece> pieces, format.render(std::move(input)));
  std::string prompt;
  for (const PromptPiece& piece : pieces) prompt += piece.text;
  if (!options.json) return put_untrusted(prompt + (stdout_is_terminal() ? "\n" : ""));
  const nlohmann::ordered_json json = {{"prompt", prompt},
                                       {"tokens", format.encode(pieces)},
                                       {"templateCapabilities", to_json(format.capabilities())}};
  return put_json(json);
}

}  // namespace

void add_template_command(CLI::App& app) {
  auto options = std::make_shared<TemplateOptions>();
  CLI::App* command = app.add_subcommand("template", "Show the prompt that a chat template makes");
  command->add_option("model", options->path, "GGUF file with a vocabulary and a chat template")
      ->required()
      ->check(model_name());
  command->add_option("messages", options->users, "What the user says, a message each");
  add_conversation_options(*command, options->conversation);
  command->add_option(
      "--messages", options->messages_path,
      "JSON file with an array of messages {\"role\", \"content\"}, contents as texts or lists of "
      "text parts; - is standard input");
  command->add_option("--tools", options->tools_path, "JSON file with an array of OpenAI function tools");
  command->add_flag("--no-generation-prompt", options->no_generation_prompt,
                    "End after the messages, without the beginning of an answer");
  command->add_flag("--json", options->json,
                    "Print {\"prompt\": \"...\", \"tokens\": [...], \"templateCapabilities\": {...}}");
  command->footer(
      "Examples:\n"
      "  hearth template model.gguf \"Hi!\"\n"
      "  hearth template model.gguf --messages chat.json --tools tools.json --json");
  command->callback([options] { leave_on_error(show_template(*options)); });
}

}  // namespace hearth::cli
