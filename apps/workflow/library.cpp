#include "apps/workflow/library.h"

#include "apps/workflow/yaml_events.h"

namespace hearth::workflow {

Result<const Workflow*> Library::load(const std::string& path) {
  const std::string file = path_from("", path);
  files_.want(file);
  while (files_.wanted() != nullptr) HEARTH_TRY(add_wanted());
  return files_.find(file);
}

Result<void> Library::add_wanted() {
  const std::string file = *files_.wanted();
  const Result<std::string> text = read_(file);
  if (!text.ok()) return files_.refuse(text.error());
  const Result<nlohmann::ordered_json> events = yaml_events(*text, file);
  return events.ok() ? files_.add(*events) : files_.refuse(events.error());
}

}  // namespace hearth::workflow
