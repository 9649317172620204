// hearth chat: a conversation, line by line.
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "apps/cli/answer.h"
#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/model_options.h"
#include "apps/cli/sampling_options.h"
#include "engine/base/escaped.h"
#include "engine/runtime/conversation_window.h"

namespace hearth::cli {
namespace {

struct ChatOptions {
  ModelOptions model;
  SamplingOptions sampling;
  std::string system;
};

constexpr std::string_view kHelp =
    "/help           this list\n"
    "/reset          forget the conversation\n"
    "/system TEXT    set the system message and forget the conversation\n"
    "/quit           leave (as does Ctrl-D)\n"
    "Ctrl-C          stop the answer; at the prompt, leave\n"
    "A line that ends with \\ goes on in the next.\n";

class Chat {
 public:
  Chat(LoadedModel loaded, const ChatOptions& options)
      : loaded_(std::move(loaded)), sampling_(options.sampling) {
    reset(options.system);
  }

  Result<void> converse();

 private:
  enum class Next { kGoOn, kLeave };

  void reset(std::string system);
  Result<Next> obey(std::string_view command);
  Result<void> reply(const std::string& said);
  Result<std::vector<TokenId>> prompt_that_fits();
  std::optional<std::string> read_turn();

  LoadedModel loaded_;
  SamplingOptions sampling_;
  std::string system_;
  nlohmann::ordered_json messages_;
  bool tells_no_more_ = false;  // that turns are left out
};

void Chat::reset(std::string system) {
  system_ = std::move(system);
  messages_ = nlohmann::ordered_json::array();
  tells_no_more_ = false;
  if (!system_.empty()) messages_.push_back({{"role", "system"}, {"content", system_}});
}

Result<void> Chat::converse() {
  const ModelInfo& info = loaded_.model->info();
  if (stdin_is_terminal()) {
    HEARTH_TRY(put(styled(Style::kDim, fmt::format("{} ({}, {}). /help lists the commands.\n",
                                                   escaped(info.name), info.quantization, info.device))));
  }
  while (const auto said = read_turn()) {
    if (said->empty()) continue;
    if (said->front() == '/') {
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

/// One line of input without its line break, more where it ends with a backslash; none at the end of the
/// input or after Ctrl-C.
std::optional<std::string> Chat::read_turn() {
  clear_interrupt();
  std::string text;
  for (const char* prompt = "> ";; prompt = "... ") {
    if (stdin_is_terminal() && (!put(styled(Style::kPrompt, prompt)).ok() || !wait_for_line()))
      return std::nullopt;
    char* line = nullptr;
    size_t room = 0;
    const ssize_t length = getline(&line, &room, stdin);
    const std::unique_ptr<char, decltype(&std::free)> owner(line, std::free);
    if (length < 0 || interrupted()) return std::nullopt;
    text.append(line, static_cast<size_t>(length));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.empty() || text.back() != '\\') return text;
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
    HEARTH_TRY(put(fmt::format("There is no command {}; /help lists those there are.\n", escaped(command))));
  }
  return Next::kGoOn;
}

/// The answer is shown and becomes part of the conversation. An error is told, and the conversation goes on
/// as if nothing had been said.
Result<void> Chat::reply(const std::string& said) {
  messages_.push_back({{"role", "user"}, {"content", said}});
  auto tokens = prompt_that_fits();
  Result<Answer> answered =
      tokens.ok() ? answer(*loaded_.scheduler,
                           make_request(*loaded_.model, sampling_, std::move(tokens).value()), put_untrusted)
                  : tokens.error();
  HEARTH_TRY(put("\n"));
  if (answered.ok()) {
    messages_.push_back({{"role", "assistant"}, {"content", answered->text}});
    return {};
  }
  if (answered.error().code == ErrorCode::kIo) return answered.error();
  messages_.erase(messages_.size() - 1);
  print_error(answered.error().code, answered.error().message);
  return {};
}

/// The conversation's tokens, without the oldest turns where the context does not hold all.
Result<std::vector<TokenId>> Chat::prompt_that_fits() {
  const int32_t context = loaded_.scheduler->context_size();
  ChatInput input;
  input.messages = messages_;
  HEARTH_ASSIGN(FittedPrompt fitted, fit_conversation(loaded_.model->chat(), input, context));
  if (fitted.turns_left_out > 0 && !std::exchange(tells_no_more_, true)) {
    fmt::print(stderr,
               "hearth: the context of {} tokens is full; the oldest turns are left out from here on\n",
               context);
  }
  return std::move(fitted.tokens);
}

Result<void> chat(const ChatOptions& options) {
  catch_interrupts();
  HEARTH_ASSIGN(LoadedModel loaded, load_model(options.model));
  return Chat(std::move(loaded), options).converse();
}

}  // namespace

void add_chat_command(CLI::App& app) {
  auto options = std::make_shared<ChatOptions>();
  CLI::App* command = app.add_subcommand("chat", "Hold a conversation");
  command->add_option("model", options->model.path, "GGUF file; the bundled model by default")
      ->check(model_name());
  command->add_option("-s,--system", options->system, "System message");
  add_sampling_options(*command, options->sampling);
  add_model_options(*command, options->model);
  command->footer(
      fmt::format("During the conversation:\n{}\n"
                  "Examples:\n"
                  "  hearth chat\n"
                  "  hearth chat model.gguf --system \"Answer in French.\"\n"
                  "  printf 'Hi!\\nTell me a story.\\n' | hearth chat model.gguf",
                  kHelp));
  command->callback([options] { leave_on_error(chat(*options)); });
}

}  // namespace hearth::cli
