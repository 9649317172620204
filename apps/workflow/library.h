// Workflows from files, with those that they call.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/workflow/definition/read_workflow.h"

namespace hearth::workflow {

/// Owns what it has read, each file once; that workflows call each other in a circle is no fault.
class Library {
 public:
  using Read = std::function<Result<std::string>(const std::string& path)>;

  /// `read` gives a file's text; `functions` are the actions that the host has beside Hearth's.
  explicit Library(Read read, std::vector<std::string> functions = {})
      : read_(std::move(read)), functions_(std::move(functions)) {}

  /// A file's workflow; paths in it start from its folder. Null where faults keep it, or one that it calls,
  /// from running. What `read` fails with, and INVALID_ARGUMENT for what is no YAML.
  Result<const Workflow*> load(const std::filesystem::path& path);

  struct FileFaults {
    std::string file;
    std::vector<Fault> faults;
  };
  /// Of all files that were read and have any.
  const std::vector<FileFaults>& faults() const { return faults_; }

 private:
  Result<void> load_called(Workflow& workflow, const std::filesystem::path& path);

  Read read_;
  std::vector<std::string> functions_;
  std::map<std::filesystem::path, std::shared_ptr<Workflow>> workflows_;
  std::vector<FileFaults> faults_;
  bool runs_ = true;
};

}  // namespace hearth::workflow
