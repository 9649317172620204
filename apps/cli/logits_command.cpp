// hearth logits: the raw output of a model, for comparing with other programs.
#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/model_options.h"
#include "apps/cli/output_file.h"
#include "apps/cli/table_option.h"
#include "engine/base/atomic_file.h"

namespace hearth::cli {
namespace {

struct LogitsOptions {
  ModelOptions model;
  std::vector<int32_t> tokens;
  int32_t first = 0;
  int32_t greedy = 0;
  std::string out;
  bool json = false;
};

/// The tokens, and behind them so many that are each the likeliest.
Result<std::vector<int32_t>> continued(const LogitsOptions& options, Scheduler& scheduler) {
  std::vector<int32_t> tokens = options.tokens;
  if (options.greedy == 0) return tokens;
  GenerationRequest request;
  request.prompt = tokens;
  request.max_tokens = options.greedy;
  request.temperature = 0.0F;
  request.ignore_end = true;
  request.continues_text = true;
  request.speculation = "off";
  HEARTH_ASSIGN(const auto generation, scheduler.submit(std::move(request)));
  while (scheduler.step()) {
  }
  while (const auto event = generation->next()) {
    if (event->error) return *event->error;
  }
  tokens.assign(generation->tokens().begin(), generation->tokens().end());
  return tokens;
}

Result<void> write_logits(const LogitsOptions& options) {
  catch_interrupts();
  HEARTH_ASSIGN(const LoadedModel loaded, load_model(options.model));
  HEARTH_TRY(refuse_own_file(loaded.model->file(), options.out));
  HEARTH_ASSIGN(const auto tokens, continued(options, *loaded.scheduler));
  HEARTH_ASSIGN(AtomicFile file, AtomicFile::create(options.out));
  ProgressLine line;
  Result<void> written;
  const auto write_row = [&](size_t position, std::span<const float> row) {
    written = file.append(std::as_bytes(row));
    line.show("logits", position + 1, tokens.size());
    return written.ok() && !interrupted();
  };
  const size_t first = std::min(static_cast<size_t>(options.first), tokens.size());
  const Result<void> done = loaded.scheduler->logits(tokens, first, write_row);
  HEARTH_TRY(written);
  HEARTH_TRY(done);
  HEARTH_TRY(file.commit());
  if (!options.json) return {};
  const nlohmann::ordered_json json = {{"file", options.out},
                                       {"rows", tokens.size() - first},
                                       {"tokens", tokens},
                                       {"columns", loaded.model->info().vocab_size},
                                       {"type", "f32"}};
  return put(json.dump() + "\n");
}

}  // namespace

void add_logits_command(CLI::App& app) {
  auto options = std::make_shared<LogitsOptions>();
  CLI::App* command =
      app.add_subcommand("logits", "Write the logits that follow each of some tokens: f32, a row per token");
  command->add_option("model", options->model.path, "GGUF file, or a downloaded model")
      ->required()
      ->check(model_name());
  command->add_option("--tokens", options->tokens, "Token ids, separated by commas")
      ->delimiter(',')
      ->transform(whole_number(0, INT32_MAX))
      ->required();
  command
      ->add_option("--first", options->first,
                   "The first token that has a row, counted from 0; an encoder reads those before it")
      ->transform(whole_number(0, INT32_MAX));
  command
      ->add_option("--greedy", options->greedy,
                   "Go on with so many tokens that are each the likeliest, one at a time, and write the "
                   "logits that follow them, too")
      ->transform(whole_number(0, INT32_MAX));
  command->add_option("--out", options->out, "File to write, little-endian floats")->required();
  command->add_flag("--json", options->json, "Print the shape of what was written");
  add_model_options(*command, options->model);
  command->footer("Example:\n  hearth logits model.gguf --tokens 1,403,407 --out logits.f32 --kv-type f32");
  command->callback([options] { leave_on_error(write_logits(*options)); });
}

}  // namespace hearth::cli
