// hearth show: where a downloaded model lies, what it is, and the memory that it needs.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/model_summary.h"
#include "apps/cli/stored_models.h"
#include "engine/base/escaped.h"
#include "engine/runtime/model.h"
#include "engine/runtime/model_info.h"

namespace hearth::cli {
namespace {

std::string place_text(const store::StoredModel& model) {
  std::string text =
      fmt::format("{}, {}\n  path       {}\n  reference  {}\n", escaped(model.name),
                  readable_bytes(model.size), escaped(model.path.string()), escaped(model.reference));
  if (!model.sha256.empty()) text += fmt::format("  SHA-256    {}\n", escaped(model.sha256));
  return text;
}

Result<void> show(const std::string& name, bool as_json) {
  HEARTH_ASSIGN(const store::StoredModel stored, store::ModelStore().find(name));
  const auto model = Model::load(stored.path, LoadOptions{.threads = 1});
  const std::string kv_type(kKvTypes[0]);
  if (as_json) {
    nlohmann::ordered_json json = to_json(stored);
    json["runs"] = model.ok();
    if (model.ok()) {
      json["model"] = to_json((*model)->info());
      json["memory"] = memory_json(**model, {}, kv_type);
    } else {
      json["reason"] = {{"code", error_code_name(model.error().code)}, {"message", model.error().message}};
    }
    return put_json(json, 2);
  }
  return put(place_text(stored) +
             (model.ok() ? model_text(**model, {}, kv_type)
                         : fmt::format("\nHearth cannot run it: {}: {}\n",
                                       error_code_name(model.error().code), escaped(model.error().message))));
}

}  // namespace

void add_show_command(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("show", "Show where a downloaded model lies and what it is");
  command->add_option("name", *name, "Its name or reference, as 'hearth list' shows them")->required();
  command->add_flag("--json", *json, "Print it as JSON");
  command->footer("'hearth inspect NAME' shows all that is in the file.");
  command->callback([name, json] { leave_on_error(show(*name, *json)); });
}

}  // namespace hearth::cli
