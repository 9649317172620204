// The workflows of the server: the files of its folder, and what requests bring along. Neither calls files
// that lie elsewhere.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/workflow/library.h"
#include "engine/base/result.h"

namespace hearth::serve::workflows {

struct ReadWorkflow {
  std::shared_ptr<const workflow::Library> library;  // owns it, with all that it calls
  const workflow::Workflow* workflow = nullptr;      // null where faults keep it from running
  /// [{"severity", "rule", "line", "column", "message", "file"}, ...]; a text's own faults have no file.
  nlohmann::ordered_json faults = nlohmann::ordered_json::array();
};

// All of these read files, which may take time. A folder that is "" has none.

/// In order, without the files' endings (.yaml, .yml).
Result<std::vector<std::string>> names_in(const std::filesystem::path& folder);
/// NOT_FOUND where the folder has none of the name.
Result<ReadWorkflow> read_named(const std::filesystem::path& folder, const std::string& name);
/// A text, in which paths start from the folder.
Result<ReadWorkflow> read_text(const std::filesystem::path& folder, const std::string& text);

}  // namespace hearth::serve::workflows
