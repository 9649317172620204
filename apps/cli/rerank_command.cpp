// hearth rerank: documents by how well they answer a query.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/model_options.h"
#include "engine/base/escaped.h"
#include "engine/runtime/reranker.h"

namespace hearth::cli {
namespace {

struct RerankOptions {
  ModelOptions model;
  std::string query;
  std::vector<std::string> documents;
  bool json = false;
};

Result<void> rerank(const RerankOptions& options) {
  catch_interrupts();
  HEARTH_ASSIGN(const LoadedModel loaded, load_model(options.model));
  HEARTH_ASSIGN(const auto ranked,
                hearth::rerank(*loaded.scheduler, *loaded.model, options.query, options.documents));
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string lines;
  for (const auto& [index, score] : ranked) {
    list.push_back({{"index", index}, {"score", decimal(score)}});
    lines += fmt::format("{:.4f}  {}\n", score, escaped(options.documents[index]));
  }
  return options.json ? put_json(list) : put(lines);
}

}  // namespace

void add_rerank_command(CLI::App& app) {
  auto options = std::make_shared<RerankOptions>();
  CLI::App* command =
      app.add_subcommand("rerank", "Sort documents by how well they answer a query, the best first");
  command->add_option("model", options->model.path, "GGUF file of a reranker, or a downloaded model")
      ->required()
      ->check(model_name());
  command->add_option("query", options->query, "What is asked")->required();
  command->add_option("documents", options->documents, "The documents")->required();
  command->add_flag("--json", options->json, "Print [{\"index\", \"score\"}, ...]");
  add_model_options(*command, options->model);
  command->footer("Example:\n  hearth rerank bge-reranker.gguf \"what purrs?\" \"a dog\" \"a cat\"");
  command->callback([options] { leave_on_error(rerank(*options)); });
}

}  // namespace hearth::cli
