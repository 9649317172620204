#include "engine/workflow/definition/workflow_files.h"

#include <algorithm>

namespace hearth::workflow {

void WorkflowFiles::want(const std::string& path) {
  const bool is_wanted = std::find(wanted_.begin(), wanted_.end(), path) != wanted_.end();
  if (!is_wanted && workflows_.count(path) == 0) wanted_.push_back(path);
}

Result<void> WorkflowFiles::add(const nlohmann::ordered_json& events) {
  const std::string file = wanted_.front();
  const Result<Element> document = compose(events, file);
  if (!document.ok()) return refuse(document.error());
  wanted_.pop_front();
  Reading reading = read_workflow(*document, functions_);
  if (!reading.faults.empty()) faults_.push_back({file, std::move(reading.faults)});
  runs_ = runs_ && reading.workflow != nullptr;
  for (const Call& call : calls_[file]) call.caller->files[call.path] = reading.workflow.get();
  calls_.erase(file);
  workflows_.emplace(file, reading.workflow);
  if (reading.workflow != nullptr) want_called(*reading.workflow, file);
  return {};
}

Result<void> WorkflowFiles::refuse(const Error& error) {
  const std::string file = wanted_.front();
  wanted_.pop_front();
  runs_ = false;
  const auto calls = calls_.find(file);
  if (calls == calls_.end()) return error;
  for (const Call& call : calls->second) {
    faults_.push_back({call.file, {{Severity::kError, "unreadable-file", call.place, error.message}}});
  }
  calls_.erase(calls);
  return {};
}

void WorkflowFiles::want_called(Workflow& workflow, const std::string& file) {
  for (auto& [path, place] : files_named_by(workflow.graph)) {
    const std::string called = path_from(file, path);
    if (const auto known = workflows_.find(called); known != workflows_.end()) {
      workflow.files[path] = known->second.get();
      continue;
    }
    want(called);
    calls_[called].push_back({&workflow, file, std::move(path), place});
  }
}

const Workflow* WorkflowFiles::find(const std::string& path) const {
  const auto found = workflows_.find(path);
  return found != workflows_.end() && runs_ && wanted_.empty() ? found->second.get() : nullptr;
}

nlohmann::ordered_json to_json(const std::vector<WorkflowFiles::FileFaults>& faults) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& [file, of_file] : faults) {
    for (nlohmann::ordered_json& fault : to_json(of_file)) {
      fault["file"] = file;
      list.push_back(std::move(fault));
    }
  }
  return list;
}

namespace {

/// Where the part of a path begins that folders can be taken from: behind "https://host/" or "/".
size_t root_size(std::string_view path) {
  const size_t scheme = path.find("://");
  if (scheme == std::string_view::npos) return path.starts_with('/') ? 1 : 0;
  const size_t root = path.find('/', scheme + 3);
  return root == std::string_view::npos ? path.size() : root + 1;
}

bool is_absolute(std::string_view path) {
  return path.starts_with('/') || path.find("://") != std::string_view::npos;
}

}  // namespace

std::string path_from(std::string_view file, std::string_view path) {
  const size_t file_root = root_size(file);
  std::string joined;
  if (is_absolute(path) && path.find("://") == std::string_view::npos) {
    joined = std::string(file.find("://") == std::string_view::npos ? "" : file.substr(0, file_root - 1));
  } else if (!is_absolute(path)) {
    joined = file.substr(0, std::max(file_root, file.rfind('/') + 1));
  }
  joined += path;

  std::string result = joined.substr(0, root_size(joined));
  std::vector<std::string_view> steps;
  std::string_view rest = std::string_view(joined).substr(result.size());
  while (!rest.empty()) {
    const std::string_view step = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), step.size() + 1));
    if (step == ".." && !steps.empty() && steps.back() != "..") {
      steps.pop_back();
    } else if (!step.empty() && step != "." && (step != ".." || result.empty())) {
      steps.push_back(step);
    }
  }
  for (size_t step = 0; step < steps.size(); ++step) {
    result += step == 0 ? "" : "/";
    result += steps[step];
  }
  return result;
}

}  // namespace hearth::workflow
