#include "apps/serve/api/workflows/routes.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "apps/workflow/services/folder_store.h"

namespace hearth::serve::workflows {

void add_routes(Routes& routes) {
  const Route ours[] = {
      {"GET", "/v1/workflows", Dialect::kOpenai, list},
      {"GET", "/v1/workflows/*", Dialect::kOpenai, show},
      {"POST", "/v1/workflows/*", Dialect::kOpenai, act},
  };
  routes.insert(routes.end(), std::begin(ours), std::end(ours));
}

Result<void> prepare(const WorkflowSettings& settings) {
  std::error_code problem;
  if (!settings.folder.empty() && !std::filesystem::is_directory(settings.folder, problem)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("there is no folder {} for workflows", settings.folder)};
  }
  if (!settings.store.empty()) workflow::clear_unfinished(settings.store);
  return {};
}

}  // namespace hearth::serve::workflows
