// hearth perplexity: how well a model predicts a text, by llama.cpp's rule, so that figures can be compared.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/input.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/model_options.h"
#include "apps/cli/text_chunks.h"
#include "engine/runtime/prompt_logprobs.h"

namespace hearth::cli {
namespace {

struct PerplexityOptions {
  ModelOptions model;
  std::string text_path;
  bool json = false;
};

/// -log of the probability that the softmax of `logits` gives `token`.
double negative_log_likelihood(std::span<const float> logits, TokenId token) {
  const auto highest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  double sum = 0.0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - highest);
  return highest + std::log(sum) - static_cast<double>(logits[static_cast<size_t>(token)]);
}

struct Likelihood {
  double sum = 0.0;      // of negative logs
  double squares = 0.0;  // of the same
  int64_t count = 0;
};

/// Only the predictions of a chunk's second half count, which have at least half a context before them.
Result<void> add_chunk(const LoadedModel& loaded, const std::vector<TokenId>& chunk, Likelihood& total) {
  const auto add = [&](size_t position, std::span<const float> logits) {
    if (position + 1 == chunk.size()) return !interrupted();  // nothing follows that could be predicted
    const double value = negative_log_likelihood(logits, chunk[position + 1]);
    total.sum += value;
    total.squares += value * value;
    ++total.count;
    return !interrupted();
  };
  return loaded.scheduler->logits(chunk, chunk.size() / 2, add);
}

Result<void> perplexity(const PerplexityOptions& options) {
  catch_interrupts();
  HEARTH_ASSIGN(const std::string bytes, read_input(options.text_path));
  ModelOptions model_options = options.model;
  model_options.set_default_context(512);
  HEARTH_ASSIGN(const LoadedModel loaded, load_model(model_options));
  HEARTH_TRY(require_order(loaded.model->spec()));
  HEARTH_ASSIGN(const TextChunks text, TextChunks::of(bytes, options.text_path, loaded, false));
  Likelihood total;
  ProgressLine line;
  for (size_t index = 0; index < text.count(); ++index) {
    HEARTH_TRY(add_chunk(loaded, text[index], total));
    line.show("perplexity", index + 1, text.count());
  }
  const auto count = static_cast<double>(total.count);
  const double mean = total.sum / count;
  const double value = std::exp(mean);
  // The standard error of the mean, carried through the exponential.
  const double error = value * std::sqrt(std::max(0.0, total.squares / count - mean * mean) / count);
  if (!options.json) {
    return put(fmt::format("perplexity {:.4f} +/- {:.4f} over {} chunks of {} tokens\n", value, error,
                           text.count(), text.chunk_tokens()));
  }
  const nlohmann::ordered_json json = {{"perplexity", value},     {"error", error},
                                       {"chunks", text.count()},  {"context", text.chunk_tokens()},
                                       {"tokens", text.tokens()}, {"predictions", total.count}};
  return put(json.dump() + "\n");
}

}  // namespace

void add_perplexity_command(CLI::App& app) {
  auto options = std::make_shared<PerplexityOptions>();
  CLI::App* command = app.add_subcommand("perplexity", "Measure how well a model predicts a text");
  command->add_option("model", options->model.path, "GGUF file, or a downloaded model")
      ->required()
      ->check(model_name());
  command->add_option("text", options->text_path, "Text file, read byte for byte; - is standard input")
      ->required();
  command->add_flag("--json", options->json, "Print the result as JSON");
  add_model_options(*command, options->model);
  command->get_option("--context")
      ->description("Tokens of a chunk and positions of the context, 4 to 16777216; 512 by default");
  command->footer(
      "The text is cut into chunks of --context tokens (512 by default); the first token of each becomes "
      "the\n"
      "beginning token, and the predictions of its second half count. llama.cpp's tool does the same.\n\n"
      "Example:\n  hearth perplexity model.gguf text.txt --context 128 --kv-type f32");
  command->callback([options] { leave_on_error(perplexity(*options)); });
}

}  // namespace hearth::cli
