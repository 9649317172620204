#include "apps/workflow/library.h"

#include <utility>

#include "apps/workflow/yaml_events.h"

namespace hearth::workflow {

Result<const Workflow*> Library::load(const std::filesystem::path& path) {
  const std::filesystem::path name = path.lexically_normal();
  if (const auto known = workflows_.find(name); known != workflows_.end()) {
    return runs_ ? known->second.get() : nullptr;
  }
  HEARTH_ASSIGN(const std::string text, read_(name.string()));
  HEARTH_ASSIGN(const nlohmann::ordered_json events, yaml_events(text, name.string()));
  HEARTH_ASSIGN(const Element document, compose(events, name.string()));
  Reading reading = read_workflow(document, functions_);
  if (!reading.faults.empty()) faults_.push_back({name.string(), std::move(reading.faults)});
  runs_ = runs_ && reading.workflow != nullptr;
  workflows_.emplace(name, reading.workflow);
  if (reading.workflow != nullptr) HEARTH_TRY(load_called(*reading.workflow, name));
  return runs_ ? reading.workflow.get() : nullptr;
}

Result<void> Library::load_called(Workflow& workflow, const std::filesystem::path& path) {
  for (const auto& [called, place] : files_named_by(workflow.graph)) {
    Result<const Workflow*> loaded = load(path.parent_path() / called);
    if (loaded.ok()) {
      workflow.files[called] = workflows_[(path.parent_path() / called).lexically_normal()].get();
      continue;
    }
    runs_ = false;
    faults_.push_back(
        {path.string(), {{Severity::kError, "unreadable-file", place, loaded.error().message}}});
  }
  return {};
}

}  // namespace hearth::workflow
