// hearth rm: deletes models that were downloaded.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/store/model_store.h"
#include "engine/base/escaped.h"

namespace hearth::cli {
namespace {

struct RmOptions {
  std::vector<std::string> names;
  bool unfinished = false;
};

Result<void> remove_models(const RmOptions& options) {
  const store::ModelStore store;
  for (const std::string& name : options.names) {
    HEARTH_ASSIGN(const store::StoredModel model, store.find(name));
    HEARTH_TRY(store.remove(model.reference));
    HEARTH_TRY(put(fmt::format("deleted {}, {}\n", escaped(model.name), readable_bytes(model.size))));
  }
  if (!options.unfinished) return {};
  HEARTH_ASSIGN(const uint64_t bytes, store.remove_unfinished());
  return put(fmt::format("deleted unfinished downloads, {}\n", readable_bytes(bytes)));
}

}  // namespace

void add_rm_command(CLI::App& app) {
  auto options = std::make_shared<RmOptions>();
  CLI::App* command = app.add_subcommand("rm", "Delete models that were downloaded");
  command->add_option("name", options->names, "Names or references, as 'hearth list' shows them");
  command->add_flag("--unfinished", options->unfinished, "Delete what interrupted downloads have left");
  command->footer("Programs that have a model open keep it until they close it.");
  command->callback([options] {
    if (options->names.empty() && !options->unfinished) refuse_usage("name: no model is named");
    leave_on_error(remove_models(*options));
  });
}

}  // namespace hearth::cli
