#include "apps/bundle/carried_workflow.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "apps/workflow/library.h"

namespace hearth::bundle {
namespace {

/// The first of them, which says where it is.
Error fault_error(const workflow::Library& library, const std::filesystem::path& path) {
  for (const auto& [file, faults] : library.faults()) {
    for (const workflow::Fault& fault : faults) {
      if (fault.severity == workflow::Severity::kWarning) continue;
      return {ErrorCode::kInvalidArgument,
              fmt::format("{}; 'hearth workflow validate' shows all that is wrong",
                          workflow::to_text({fault}, file).substr(0, 500))};
    }
  }
  return {ErrorCode::kInvalidArgument, fmt::format("{}: does not run", path.string())};
}

}  // namespace

Result<CarriedWorkflow> read_workflow(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.parent_path();
  CarriedWorkflow carried;
  const auto read = [&](const std::string& file) -> Result<std::string> {
    HEARTH_ASSIGN(std::string text, read_file(file));
    carried.files[std::filesystem::path(file).lexically_relative(folder).generic_string()] = text;
    return text;
  };
  workflow::Library library(read);
  HEARTH_ASSIGN(const workflow::Workflow* found, library.load(path.string()));
  if (found == nullptr) return fault_error(library, path);
  for (const auto& [name, text] : carried.files) {
    if (!name.starts_with("../")) continue;
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("{}: calls {}, which is not below its folder, as all must be that a bundle carries",
                    path.string(), name)};
  }
  carried.described = {{"file", path.filename().string()},
                       {"name", found->name.empty() ? path.stem().string() : found->name},
                       {"description", found->description},
                       {"inputSchema", found->input_schema.json()}};
  return carried;
}

}  // namespace hearth::bundle
