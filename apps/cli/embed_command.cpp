// hearth embed: the vectors of texts.
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
  GivenOptions given = GivenOptions::object();
};

Result<void> embed(const EmbedOptions& options) {
  catch_interrupts();
  EmbeddingOptions chosen;
  HEARTH_TRY(set_options(chosen, options.given));
  HEARTH_ASSIGN(const LoadedModel loaded, load_model(options.model));
  std::vector<std::vector<TokenId>> texts;
  for (const std::string& text : options.texts) {
    texts.push_back(loaded.model->tokenizer().encode(text, true, false));
  }
  HEARTH_ASSIGN(const Embeddings embeddings, loaded.scheduler->embed(texts, chosen));
  for (size_t text = 0; text < texts.size(); ++text) {
    HEARTH_TRY(put(nlohmann::ordered_json(embeddings.of(text)).dump() + "\n"));
  }
  return {};
}

}  // namespace

void add_embed_command(CLI::App& app) {
  auto options = std::make_shared<EmbedOptions>();
  CLI::App* command = app.add_subcommand("embed", "Print the vectors of texts, one JSON array a line");
  command->add_option("model", options->model.path, "GGUF file, or a downloaded model")
      ->required()
      ->check(model_name());
  command->add_option("texts", options->texts, "The texts")->required();
  add_options<EmbeddingOptions>(*command, "Vectors", options->given, {"normalize"});
  command
      ->add_flag_callback(
          "--no-normalize", [given = options.get()] { given->given["normalize"] = false; },
          "Leave vectors as long as they are")
      ->group("Vectors");
  add_model_options(*command, options->model);
  command->footer("Example:\n  hearth embed model.gguf \"a cat\" \"a dog\"");
  command->callback([options] { leave_on_error(embed(*options)); });
}

}  // namespace hearth::cli
