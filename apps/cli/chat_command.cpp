// hearth chat: a conversation, line by line.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "apps/cli/answer.h"
#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/conversation_options.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/line_reader.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/model_options.h"
#include "apps/cli/sampling_options.h"
#include "engine/base/escaped.h"
#include "engine/runtime/conversation_window.h"

namespace hearth::cli {
namespace {

struct ChatOptions {
  ModelOptions model;
  GivenOptions sampling = GivenOptions::object();
  ConversationOptions conversation;
  std::string when_full = "drop";
};

constexpr std::string_view kHelp =
    "/help           this list\n"
    "/reset          forget the conversation\n"
    "/system TEXT    set the system message and forget the conversation\n"
    "/quit           leave (as does Ctrl-D)\n"
    "Ctrl-C          stop the answer; at the prompt, discard the line, or leave if it is empty\n"
    "A line that ends with \\ goes on in the next; several that are pasted at once are one message.\n";

class Chat {
 public:
  Chat(LoadedModel loaded, const ChatOptions& options, ChatInput beginning)
      : loaded_(std::move(loaded)),
        sampling_(options.sampling),
        drops_turns_(options.when_full == "drop"),
        system_(options.conversation.system),
        conversation_(std::move(beginning)) {}

  Result<void> converse();
  /// Whether a turn or a command failed, which has been told.
  bool has_failed() const { return has_failed_; }

 private:
  enum class Next { kGoOn, kLeave };

  void reset(std::string system);
  Result<Next> obey(std::string_view command);
  Result<void> reply(const std::string& said);
  Result<std::vector<TokenId>> prompt();
  std::optional<std::string> read_turn();
  void tell(const Error& error);

  LoadedModel loaded_;
  GivenOptions sampling_;
  bool drops_turns_;
  std::string system_;
  ChatInput conversation_;
  std::unique_ptr<LineReader> lines_ = open_line_reader();
  bool tells_no_more_ = false;  // that turns are left out
  bool has_failed_ = false;
};

void Chat::reset(std::string system) {
  system_ = std::move(system);
  conversation_.messages = nlohmann::ordered_json::array();
  tells_no_more_ = false;
  if (!system_.empty()) conversation_.messages.push_back({{"role", "system"}, {"content", system_}});
}

Result<void> Chat::converse() {
  const ModelInfo& info = loaded_.model->info();
  if (stdin_is_terminal()) {
    HEARTH_TRY(put(styled(Style::kDim, fmt::format("{} ({}, {}). /help lists the commands.\n",
                                                   escaped(info.name), info.quantization, info.device))));
  }
  while (const auto said = read_turn()) {
    if (said->empty()) continue;
    if (said->front() == '/' && said->find('\n') == std::string::npos) {
      HEARTH_ASSIGN(const Next next, obey(*said));
      if (next == Next::kLeave) return {};
      continue;
    }
    HEARTH_TRY(reply(*said));
  }
  if (stdin_is_terminal()) HEARTH_TRY(put("\n"));
  if (interrupted()) return Error{ErrorCode::kAborted, "interrupted"};
  return {};
}

/// One line of input, more where it ends with a backslash; none at the end of the input or after Ctrl-C.
std::optional<std::string> Chat::read_turn() {
  clear_interrupt();
  std::string text;
  for (const char* prompt = ">";; prompt = "...") {
    const std::optional<std::string> line = lines_->read(prompt);
    if (!line) return std::nullopt;
    text += *line;
    if (!text.ends_with('\\')) return text;
    text.back() = '\n';
  }
}

Result<Chat::Next> Chat::obey(std::string_view command) {
  constexpr std::string_view kSystem = "/system ";
  if (command == "/quit" || command == "/exit") return Next::kLeave;
  if (command == "/help") {
    HEARTH_TRY(put(kHelp));
  } else if (command == "/reset") {
    reset(system_);
  } else if (command.starts_with(kSystem)) {
    reset(std::string(command.substr(kSystem.size())));
  } else {
    tell({ErrorCode::kInvalidArgument,
          fmt::format("there is no command {}; /help lists those there are", command)});
  }
  return Next::kGoOn;
}

/// The answer is shown and becomes part of the conversation. An error is told, and the conversation goes on
/// as if nothing had been said.
Result<void> Chat::reply(const std::string& said) {
  nlohmann::ordered_json& messages = conversation_.messages;
  messages.push_back({{"role", "user"}, {"content", said}});
  const auto ask = [this]() -> Result<Answer> {
    HEARTH_ASSIGN(auto tokens, prompt());
    HEARTH_ASSIGN(GenerationRequest request, make_request(*loaded_.model, sampling_, std::move(tokens)));
    request.chat = chat_text(conversation_);
    return answer(*loaded_.scheduler, std::move(request), put_untrusted, put_reasoning);
  };
  const Result<Answer> answered = ask();
  HEARTH_TRY(put("\n"));
  if (answered.ok()) {
    messages.push_back({{"role", "assistant"}, {"content", answered->text}});
    return {};
  }
  if (answered.error().code == ErrorCode::kIo) return answered.error();
  messages.erase(messages.size() - 1);
  tell(answered.error());
  return {};
}

void Chat::tell(const Error& error) {
  print_error(error.code, error.message);
  has_failed_ = true;
}

/// The conversation's tokens; without the oldest turns where the context does not hold all, unless that is to
/// be an error.
Result<std::vector<TokenId>> Chat::prompt() {
  const ChatFormat& format = loaded_.model->chat();
  if (!drops_turns_) {
    HEARTH_ASSIGN(const std::vector<PromptPiece> pieces, format.render(conversation_));
    return format.encode(pieces);
  }
  const int32_t context = loaded_.scheduler->context_size();
  HEARTH_ASSIGN(FittedPrompt fitted, fit_conversation(format, conversation_, context));
  if (fitted.turns_left_out > 0 && !std::exchange(tells_no_more_, true)) {
    fmt::print(stderr,
               "hearth: the context of {} tokens is full; the oldest turns are left out from here on\n",
               context);
  }
  return std::move(fitted.tokens);
}

Result<void> chat(const ChatOptions& options) {
  catch_interrupts();
  HEARTH_ASSIGN(ChatInput beginning, begin_conversation(options.conversation));
  HEARTH_ASSIGN(LoadedModel loaded, load_model(options.model));
  Chat conversation(std::move(loaded), options, std::move(beginning));
  HEARTH_TRY(conversation.converse());
  if (conversation.has_failed() && !stdin_is_terminal()) throw CLI::RuntimeError(kExitFailure);
  return {};
}

}  // namespace

void add_chat_command(CLI::App& app) {
  auto options = std::make_shared<ChatOptions>();
  options->model.absent = Absent::kPull;
  CLI::App* command = app.add_subcommand("chat", "Hold a conversation");
  command
      ->add_option("model", options->model.path,
                   "GGUF file, or a downloaded model; the bundled model by default")
      ->check(model_name());
  add_conversation_options(*command, options->conversation);
  command
      ->add_option("--when-full", options->when_full,
                   "What becomes of a conversation that fills the context: its oldest turns are left out "
                   "(drop), or the turn fails (error)")
      ->check(CLI::IsMember({"drop", "error"}))
      ->capture_default_str();
  add_sampling_options(*command, options->sampling);
  add_model_options(*command, options->model);
  command->footer(
      fmt::format("During the conversation:\n{}\n"
                  "Examples:\n"
                  "  hearth chat\n"
                  "  hearth chat model.gguf --system \"Answer in French.\"\n"
                  "  printf 'Hi!\\nTell me a story.\\n' | hearth chat model.gguf\n\n"
                  "A pipe's lines are answered one by one; the exit code is 1 if any of them failed.",
                  kHelp));
  command->callback([options] { leave_on_error(chat(*options)); });
}

}  // namespace hearth::cli
