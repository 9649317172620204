// hearth run: one answer to one prompt, or the continuation of a text.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/cli/answer.h"
#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/conversation_options.h"
#include "apps/cli/input.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/model_options.h"
#include "apps/cli/sampling_options.h"
#include "apps/cli/table_option.h"
#include "engine/runtime/event_json.h"

namespace hearth::cli {
namespace {

struct RunOptions {
  std::vector<std::string> arguments;  // [MODEL] [PROMPT]
  ModelOptions model;
  GivenOptions sampling = GivenOptions::object();
  ConversationOptions conversation;
  bool raw = false;
  bool json = false;
  int n = 1;
};

Result<ChatInput> conversation_of(const RunOptions& options, const std::string& prompt) {
  HEARTH_ASSIGN(ChatInput input, begin_conversation(options.conversation));
  input.messages.push_back({{"role", "user"}, {"content", prompt}});
  return input;
}

/// The tokens of the prompt: the text itself with --raw, a conversation otherwise.
Result<std::vector<TokenId>> encode(const Model& model, const RunOptions& options,
                                    const std::string& prompt) {
  if (options.raw) return model.tokenizer().encode(prompt, true, false);
  HEARTH_ASSIGN(ChatInput input, conversation_of(options, prompt));
  HEARTH_ASSIGN(const std::vector<PromptPiece> pieces, model.chat().render(std::move(input)));
  return model.chat().encode(pieces);
}

nlohmann::ordered_json as_json(const Answer& answer, const LoadedModel& loaded) {
  const GenerationEvent& last = answer.last;
  nlohmann::ordered_json json = {{"model", loaded.model->info().name},
                                 {"text", answer.text},
                                 {"finishReason", finish_reason_name(last.finish)},
                                 {"seed", answer.seed},
                                 {"usage",
                                  {{"promptTokens", last.usage.prompt_tokens},
                                   {"cachedTokens", last.usage.cached_tokens},
                                   {"completionTokens", last.usage.completion_tokens},
                                   {"draftedTokens", last.usage.drafted_tokens},
                                   {"acceptedTokens", last.usage.accepted_tokens}}},
                                 {"timings",
                                  {{"loadMs", loaded.load_ms},
                                   {"prefillMs", last.timings.prefill_ms},
                                   {"decodeMs", last.timings.decode_ms}}}};
  nlohmann::ordered_json more = event_json(last);
  more.erase("speculation");  // usage has it
  json.update(more);
  return json;
}

/// Takes the model, where one is named, out of the arguments; the prompt, where there is one, is left. Does
/// not return where they are wrong.
void take_model(RunOptions& options) {
  std::vector<std::string>& arguments = options.arguments;
  const bool has_model = arguments.size() == 2 || (arguments.size() == 1 && names_model(arguments.front()));
  if (has_model) {
    const std::string fault = fault_of_model_name(arguments.front());
    if (!fault.empty()) refuse_usage("model: " + fault);
    options.model.path = arguments.front();
    options.model.absent = Absent::kPull;
    arguments.erase(arguments.begin());
  }
  if (!arguments.empty() || !stdin_is_terminal()) return;
  refuse_usage(has_model
                   ? fmt::format("no prompt: '{}' is taken for the model; name a prompt after it, or write "
                                 "one to standard input",
                                 options.model.path)
                   : "no prompt: name one, or write one to standard input");
}

/// The prompt that was named, or what a pipe holds.
Result<std::string> read_prompt(const std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments.front() != "-") return arguments.front();
  HEARTH_ASSIGN(const std::string bytes, read_input("-"));
  if (arguments.empty() && bytes.empty()) refuse_usage("no prompt, and standard input is empty");
  return plain_text(bytes);
}

Result<void> require_whole(const Answer& answered) {
  if (answered.last.finish != FinishReason::kCancelled) return {};
  return Error{ErrorCode::kAborted, "interrupted"};
}

/// The first answer, with all of them as `choices`; or their texts, an empty line between two.
Result<void> run_several(const LoadedModel& loaded, const GenerationRequest& request,
                         const RunOptions& options) {
  HEARTH_ASSIGN(const std::vector<Answer> all, answers(*loaded.scheduler, request, options.n));
  nlohmann::ordered_json json = as_json(all.front(), loaded);
  std::string texts;
  for (const Answer& each : all) {
    json["choices"].push_back(as_json(each, loaded));
    texts += (texts.empty() ? "" : "\n") + each.text + "\n";
  }
  HEARTH_TRY(options.json ? put_json(json, 2) : put_untrusted(texts));
  return require_whole(all.front());
}

Result<void> run(const RunOptions& options) {
  catch_interrupts();
  HEARTH_ASSIGN(const std::string prompt, read_prompt(options.arguments));
  HEARTH_ASSIGN(const LoadedModel loaded, load_model(options.model));
  HEARTH_ASSIGN(std::vector<TokenId> tokens, encode(*loaded.model, options, prompt));
  HEARTH_ASSIGN(GenerationRequest request, make_request(*loaded.model, options.sampling, std::move(tokens)));
  request.continues_text = options.raw && !prompt.empty();
  if (!options.raw) {
    HEARTH_ASSIGN(const ChatInput asked, conversation_of(options, prompt));
    request.chat = chat_text(asked);
  }

  if (options.n > 1) return run_several(loaded, request, options);
  const auto show = [&](std::string_view text) {
    return options.json ? Result<void>() : put_untrusted(text);
  };
  const auto show_reasoning = [&](std::string_view text) {
    return options.json ? Result<void>() : put_reasoning(text);
  };
  HEARTH_ASSIGN(const Answer answered, answer(*loaded.scheduler, std::move(request), show, show_reasoning));
  if (options.json) {
    HEARTH_TRY(put_json(as_json(answered, loaded), 2));
  } else if (!options.raw || stdout_is_terminal()) {
    HEARTH_TRY(put("\n"));
  }
  return require_whole(answered);
}

}  // namespace

void add_run_command(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Answer a prompt");
  command
      ->add_option("prompt", options->arguments,
                   "The prompt, after the GGUF file of the model; without a file the bundled model answers. "
                   "A prompt of -, or none, is read from standard input")
      ->option_text("[MODEL] [PROMPT]")
      ->expected(0, 2);
  add_conversation_options(*command, options->conversation);
  command->add_flag(
      "--raw", options->raw,
      "Continue the prompt as it is, without the chat template, and print only the continuation");
  command->add_flag(
      "--json", options->json,
      "Print the answer, its usage and timings as JSON, with logprobs where they are asked for");
  command
      ->add_option(
          "--n", options->n,
          "So many answers to the one prompt, which is read once; where a seed is given, with that and "
          "those that follow it")
      ->transform(whole_number(1, 1024))
      ->capture_default_str();
  add_sampling_options(*command, options->sampling);
  add_model_options(*command, options->model);
  command->footer(
      "Examples:\n"
      "  hearth run \"What is 2+2?\"\n"
      "  hearth run model.gguf \"Name three rivers\" --temperature 0 -n 100\n"
      "  hearth run model.gguf --raw \"Once upon a time\" --seed 7\n"
      "  hearth run model.gguf < question.txt\n"
      "  hearth run hf:owner/repository:Q4_K_M \"Why is the sky blue?\"    downloads it the first time\n\n"
      "A lone argument is the model if it is a file, ends in .gguf, is an address or what a downloaded "
      "model\n"
      "is called, and the prompt otherwise. Of standard input, a byte-order mark and the last line's end "
      "are\n"
      "left out, and CRLF is LF.");
  command->callback([options] {
    take_model(*options);
    leave_on_error(run(*options));
  });
}

}  // namespace hearth::cli
