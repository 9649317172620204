// hearth pull: downloads a model, to be used by its name from then on.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/stored_models.h"
#include "engine/base/escaped.h"

namespace hearth::cli {
namespace {

struct PullCommand {
  std::string reference;
  store::PullOptions options;
  bool json = false;
};

Result<void> pull(const PullCommand& command) {
  HEARTH_ASSIGN(const store::StoredModel model, pull_model(command.reference, command.options));
  if (command.json) return put_json(to_json(model), 2);
  return put(fmt::format("{}: {}, {} {}\n{}\n", escaped(model.name), readable_bytes(model.size),
                         escaped(model.architecture), model.quantization, escaped(model.path.string())));
}

}  // namespace

void add_pull_command(CLI::App& app) {
  auto command = std::make_shared<PullCommand>();
  CLI::App* subcommand = app.add_subcommand("pull", "Download a model, to be used by its name from then on");
  subcommand
      ->add_option(
          "reference", command->reference,
          "hf:owner/repository:Q4_K_M, hf:owner/repository/file.gguf, hf:owner/repository (the best of "
          "about four bits that fits), each also with @revision behind the repository, or a URL")
      ->required();
  subcommand->add_option("--sha256", command->options.sha256, "What the file's SHA-256 has to be")
      ->type_name("HEX");
  subcommand
      ->add_option("--header", command->options.headers,
                   "A header to send with each request; may be given several times")
      ->type_name("'NAME: VALUE'")
      ->allow_extra_args(false);
  subcommand->add_flag("--reload", command->options.reload, "Fetch anew what is there; it stays until then");
  subcommand->add_flag("--json", command->json, "Print what has come as JSON");
  subcommand->footer(
      "What is there already is not fetched again, and what broke off goes on where it was. Models lie in\n"
      "HEARTH_CACHE, or hearth/ in XDG_CACHE_HOME or ~/.cache, which Node.js programs with Hearth share.\n"
      "HF_TOKEN is the token for gated models, HF_ENDPOINT another host than https://huggingface.co.\n\n"
      "Examples:\n"
      "  hearth pull hf:owner/repository:Q4_K_M\n"
      "  hearth pull https://example.org/model.gguf --header 'Authorization: Bearer SECRET'\n"
      "  hearth pull https://example.org/model.json    a manifest of chunks, as 'hearth split' writes it");
  subcommand->callback([command] { leave_on_error(pull(*command)); });
}

}  // namespace hearth::cli
