// hearth embed: the embeddings of texts.
#include <memory>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/model_options.h"

namespace hearth::cli {
namespace {

struct EmbedOptions {
  ModelOptions model;
  std::vector<std::string> texts;
  std::string pooling = "mean";
};

Result<void> embed(const EmbedOptions& options) {
  catch_interrupts();
  HEARTH_ASSIGN(const LoadedModel loaded, load_model(options.model));
  const Pooling pooling = options.pooling == "last" ? Pooling::kLast : Pooling::kMean;
  for (const std::string& text : options.texts) {
    if (interrupted()) return Error{ErrorCode::kAborted, "interrupted"};
    const std::vector<TokenId> tokens = loaded.model->tokenizer().encode(text, true, false);
    HEARTH_ASSIGN(const std::vector<float> embedding, loaded.scheduler->embed(tokens, pooling));
    HEARTH_TRY(put(nlohmann::ordered_json(embedding).dump() + "\n"));
  }
  return {};
}

}  // namespace

void add_embed_command(CLI::App& app) {
  auto options = std::make_shared<EmbedOptions>();
  CLI::App* command = app.add_subcommand("embed", "Print the embedding of texts, one JSON array a line");
  command->add_option("model", options->model.path, "GGUF file")->required()->check(model_name());
  command->add_option("texts", options->texts, "The texts")->required();
  command->add_option("--pooling", options->pooling, "mean of all positions, or the last one")
      ->check(CLI::IsMember({"mean", "last"}))
      ->capture_default_str();
  add_model_options(*command, options->model);
  command->footer("Example:\n  hearth embed model.gguf \"a cat\" \"a dog\"");
  command->callback([options] { leave_on_error(embed(*options)); });
}

}  // namespace hearth::cli
