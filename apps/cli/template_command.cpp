// hearth template: the prompt that a chat template makes of messages, and what an answer in its format says.
// Needs no weights, and no model where the template is a file.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/conversation_options.h"
#include "apps/cli/input.h"
#include "apps/cli/model_argument.h"
#include "engine/format/model_file.h"
#include "engine/runtime/chat_format.h"
#include "engine/text/answer/answer_reading.h"
#include "engine/text/tokenizer.h"

namespace hearth::cli {
namespace {

struct TemplateOptions {
  std::vector<std::string> arguments;  // [MODEL] [MESSAGE...]
  std::string template_path;
  ConversationOptions conversation;
  std::string messages_path;
  std::string tools_path;
  std::optional<std::string> answer;
  bool keep_reasoning = false;
  bool no_generation_prompt = false;
  bool json = false;
};

Result<nlohmann::ordered_json> read_array(const std::string& path) {
  HEARTH_ASSIGN(nlohmann::ordered_json json, read_json(path));
  if (json.is_array()) return json;
  return Error{ErrorCode::kInvalidArgument, fmt::format("{}: is not a JSON array", path)};
}

/// Takes the model out of the arguments, which a template's file does without. Does not return where it
/// cannot be one.
std::string take_model(TemplateOptions& options) {
  if (!options.template_path.empty()) return "";
  if (options.arguments.empty()) refuse_usage("no model: name one, or a template with --template");
  std::string model = options.arguments.front();
  const std::string fault = fault_of_model_name(model);
  if (!fault.empty()) refuse_usage("model: " + fault);
  options.arguments.erase(options.arguments.begin());
  return model;
}

Result<ChatInput> chat_input(const TemplateOptions& options) {
  HEARTH_ASSIGN(ChatInput input, begin_conversation(options.conversation));
  input.add_generation_prompt = !options.no_generation_prompt;
  if (!options.messages_path.empty()) {
    HEARTH_ASSIGN(const nlohmann::ordered_json messages, read_array(options.messages_path));
    for (const auto& message : messages) input.messages.push_back(message);
  }
  for (const std::string& text : options.arguments) {
    input.messages.push_back({{"role", "user"}, {"content", text}});
  }
  if (!options.tools_path.empty()) {
    HEARTH_ASSIGN(input.tools, read_array(options.tools_path));
  }
  return input;
}

std::string text_of(const std::vector<PromptPiece>& pieces) {
  std::string prompt;
  for (const PromptPiece& piece : pieces) prompt += piece.text;
  return prompt;
}

Result<void> show_prompt(const TemplateOptions& options, const nlohmann::ordered_json& shown) {
  const std::string prompt = shown["prompt"];
  return options.json ? put_json(shown) : put_untrusted(prompt + (stdout_is_terminal() ? "\n" : ""));
}

/// The answer's text as it was given, or what stands in the file or pipe that was named.
Result<std::string> answer_text(const std::string& given) {
  if (given != "-" && !given.starts_with('@')) return given;
  HEARTH_ASSIGN(const std::string bytes, read_input(given == "-" ? given : given.substr(1)));
  return plain_text(bytes);
}

Result<void> show_answer(const TemplateOptions& options, const ChatTemplate& chat_template, ChatInput input) {
  HEARTH_ASSIGN(const std::string text, answer_text(*options.answer));
  AnswerOptions reading;
  if (!options.tools_path.empty()) reading.tools = ToolSchemas(input.tools);
  reading.keep_reasoning = options.keep_reasoning;
  return put_json(to_json(read_answer(chat_template, input, std::move(reading), text)));
}

/// What a template does that stands in a file of its own.
Result<void> use_template(const TemplateOptions& options) {
  HEARTH_ASSIGN(const std::string source, read_input(options.template_path));
  HEARTH_ASSIGN(const auto chat_template, ChatTemplate::parse(source));
  HEARTH_ASSIGN(ChatInput input, chat_input(options));
  if (options.answer) return show_answer(options, *chat_template, input);
  HEARTH_ASSIGN(const std::vector<PromptPiece> pieces, chat_template->render(input));
  return show_prompt(options, {{"prompt", text_of(pieces)},
                               {"templateCapabilities", to_json(chat_template->capabilities())}});
}

Result<void> use_model(const TemplateOptions& options, const std::string& model) {
  HEARTH_ASSIGN(const std::string path, model_file(model));
  HEARTH_ASSIGN(const ModelFile file, ModelFile::open(path));
  HEARTH_ASSIGN(const auto tokenizer, Tokenizer::from_gguf(file.metadata()));
  HEARTH_ASSIGN(ChatInput input, chat_input(options));
  const ChatFormat format(file.metadata(), *tokenizer);
  if (options.answer) {
    HEARTH_ASSIGN(const ChatTemplate* chat_template, format.template_for(input));
    return show_answer(options, *chat_template, input);
  }
  HEARTH_ASSIGN(const std::vector<PromptPiece> pieces, format.render(std::move(input)));
  return show_prompt(options, {{"prompt", text_of(pieces)},
                               {"tokens", format.encode(pieces)},
                               {"templateCapabilities", to_json(format.capabilities())}});
}

Result<void> show_template(TemplateOptions& options) {
  const std::string model = take_model(options);
  return model.empty() ? use_template(options) : use_model(options, model);
}

}  // namespace

void add_template_command(CLI::App& app) {
  auto options = std::make_shared<TemplateOptions>();
  CLI::App* command = app.add_subcommand(
      "template", "Show the prompt that a chat template makes, or what an answer in its format says");
  command->add_option("arguments", options->arguments,
                      "[MODEL] [MESSAGE...]: a GGUF file or downloaded model with a vocabulary and a chat "
                      "template, if there is no "
                      "--template, and what the user says, a message each");
  command->add_option("--template", options->template_path,
                      "Jinja file of the chat template; - is standard input");
  add_conversation_options(*command, options->conversation);
  command->add_option(
      "--messages", options->messages_path,
      "JSON file with an array of messages {\"role\", \"content\"}, contents as texts or lists of "
      "text parts; - is standard input");
  command->add_option("--tools", options->tools_path, "JSON file with an array of OpenAI function tools");
  command->add_option("--parse", options->answer,
                      "Print what this output of the model says instead: {\"content\": \"...\", "
                      "\"reasoning\": \"...\", \"toolCalls\": [{\"id\", \"name\", \"arguments\"}]}; "
                      "@FILE reads it from a file, - from standard input");
  command->add_flag("--keep-reasoning", options->keep_reasoning,
                    "Leave the reasoning in the content, with its marks");
  command->add_flag("--no-generation-prompt", options->no_generation_prompt,
                    "End after the messages, without the beginning of an answer");
  command->add_flag("--json", options->json,
                    "Print {\"prompt\": \"...\", \"tokens\": [...], \"templateCapabilities\": {...}}");
  command->footer(
      "Examples:\n"
      "  hearth template model.gguf \"Hi!\"\n"
      "  hearth template model.gguf --messages chat.json --tools tools.json --json\n"
      "  hearth template --template chat.jinja --tools tools.json --parse @output.txt");
  command->callback([options] { leave_on_error(show_template(*options)); });
}

}  // namespace hearth::cli
