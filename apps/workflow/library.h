// Workflows from files on this machine, with those that they call.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/workflow/definition/workflow_files.h"

namespace hearth::workflow {

class Library {
 public:
  using Read = std::function<Result<std::string>(const std::string& path)>;

  /// `read` gives a file's text; `functions` are the actions that the host has beside Hearth's.
  explicit Library(Read read, std::vector<std::string> functions = {})
      : read_(std::move(read)), files_(std::move(functions)) {}

  /// A file's workflow; paths in it start from its folder. Null where faults keep it, or one that it calls,
  /// from running. What `read` fails with, and INVALID_ARGUMENT for what is no YAML.
  Result<const Workflow*> load(const std::string& path);

  /// Of all files that were read and have any.
  const std::vector<WorkflowFiles::FileFaults>& faults() const { return files_.faults(); }

 private:
  Result<void> add_wanted();

  Read read_;
  WorkflowFiles files_;
};

}  // namespace hearth::workflow
