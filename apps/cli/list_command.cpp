// hearth list: the models that were downloaded.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/stored_models.h"
#include "engine/base/escaped.h"

namespace hearth::cli {
namespace {

std::string table(const std::vector<store::StoredModel>& models) {
  size_t width = 4;
  for (const auto& model : models) width = std::max(width, escaped(model.name).size());
  std::string text = styled(Style::kBold, fmt::format("{:{}}  {:>9}  {:10}  {:8}  {}\n", "name", width,
                                                      "size", "used last", "type", "reference"));
  for (const auto& model : models) {
    text += fmt::format("{:{}}  {:>9}  {:%Y-%m-%d}  {:8}  {}\n", escaped(model.name), width,
                        readable_bytes(model.size),
                        fmt::localtime(std::chrono::system_clock::to_time_t(model.used)),
                        model.fault.empty() ? model.quantization : "damaged", escaped(model.reference));
  }
  return text;
}

Result<void> list(bool json) {
  const store::ModelStore store;
  HEARTH_ASSIGN(const std::vector<store::StoredModel> models, store.list());
  if (json) {
    nlohmann::ordered_json array = nlohmann::ordered_json::array();
    for (const auto& model : models) array.push_back(to_json(model));
    return put_json(array, 2);
  }
  if (!models.empty()) return put(table(models));
  fmt::print(stderr, "hearth: no models in {}; 'hearth pull' downloads one\n",
             escaped(store.options().folder.string()));
  return {};
}

}  // namespace

void add_list_command(CLI::App& app) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("list", "List the models that were downloaded");
  command->add_flag("--json", *json, "Print them as JSON");
  command->footer("Those used last come first. All commands take their names, and what they were pulled by.");
  command->callback([json] { leave_on_error(list(*json)); });
}

}  // namespace hearth::cli
