// Workflows with those that they call, file by file: whoever has the files is asked for one after the other,
// and hands over what its reader of YAML says of each.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/workflow/definition/read_workflow.h"

namespace hearth::workflow {

/// Owns what it has read, each file once; that workflows call each other in a circle is no fault.
class WorkflowFiles {
 public:
  /// `functions` are the actions that the host has beside Hearth's.
  explicit WorkflowFiles(std::vector<std::string> functions) : functions_(std::move(functions)) {}

  /// A file, by its path or its address; what it calls is found from there.
  void want(const std::string& path);
  /// The path of the file to be given next; null where all are there.
  const std::string* wanted() const { return wanted_.empty() ? nullptr : &wanted_.front(); }
  /// The wanted file, as the events of its document (document.h). INVALID_ARGUMENT where that is no document
  /// and no other file called it: there it is a fault.
  Result<void> add(const nlohmann::ordered_json& events);
  /// There is no such file, or it is no YAML. Gives `error` back where no other file called it.
  Result<void> refuse(const Error& error);

  /// Null where it is not there, or faults keep it or one that it calls from running.
  const Workflow* find(const std::string& path) const;

  struct FileFaults {
    std::string file;
    std::vector<Fault> faults;
  };
  /// Of all files that have any.
  const std::vector<FileFaults>& faults() const { return faults_; }

 private:
  struct Call {
    Workflow* caller;
    std::string file;  // of the caller
    std::string path;  // as the caller wrote it
    Place place;
  };

  void want_called(Workflow& workflow, const std::string& file);

  std::vector<std::string> functions_;
  std::deque<std::string> wanted_;
  std::map<std::string, std::shared_ptr<Workflow>> workflows_;  // null where faults keep it from running
  std::map<std::string, std::vector<Call>> calls_;              // of wanted files
  std::vector<FileFaults> faults_;
  bool runs_ = true;
};

/// [{"severity", "rule", "line", "column", "message", "file"}, ...]
nlohmann::ordered_json to_json(const std::vector<WorkflowFiles::FileFaults>& faults);

/// Where a file finds another: `path` from the folder of `file`, without "." and ".." as far as they cancel
/// out. Either may be an address (https://...), and `path` may start from the root.
std::string path_from(std::string_view file, std::string_view path);

}  // namespace hearth::workflow
