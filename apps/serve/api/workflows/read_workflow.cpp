#include "apps/serve/api/workflows/read_workflow.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "engine/base/escaped.h"
#include "engine/base/system_error.h"

namespace hearth::serve::workflows {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

constexpr std::string_view kEndings[] = {".yaml", ".yml"};
/// The name of a text: no file's, since it ends like none.
constexpr std::string_view kText = "(workflow)";
constexpr size_t kMostBytes = size_t{4} << 20;

/// Whether the folder has the file, wherever links lead.
bool lies_in(const fs::path& folder, const fs::path& file) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

/// The text of a file, of which the path starts from the folder.
Result<std::string> read_file_of(const fs::path& folder, const std::string& path) {
  const auto refuse = [&](ErrorCode code, std::string_view why) {
    return Error{code, fmt::format("{}: {}", escaped(path), why)};
  };
  if (folder.empty()) return refuse(ErrorCode::kNotFound, "this server has no folder of workflows");
  std::error_code problem;
  const fs::path root = fs::canonical(folder, problem);
  if (problem) return system_error(folder, "open it", problem.value());
  const fs::path file = fs::weakly_canonical(root / path, problem);
  if (problem || fs::path(path).is_absolute() || !lies_in(root, file))
    return refuse(ErrorCode::kInvalidArgument, "is outside of the server's folder of workflows");
  if (!fs::is_regular_file(file, problem)) return refuse(ErrorCode::kNotFound, "there is no such file");
  std::ifstream stream(file, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || (stream.fail() && !stream.eof())) return refuse(ErrorCode::kIo, "cannot be read");
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > kMostBytes) return refuse(ErrorCode::kInvalidArgument, "is too large for a workflow");
  return text;
}

/// A number and the colon behind it, taken from the front.
std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end == text.data() + text.size() || *end != ':') return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()) + 1);
  return number;
}

/// What "NAME:LINE:COLUMN: ..." says, which is how reading YAML fails: a fault like others.
std::optional<workflow::Fault> fault_of(const Error& error, const std::string& name) {
  std::string_view text = error.message;
  if (!text.starts_with(name + ":")) return std::nullopt;
  text.remove_prefix(name.size() + 1);
  const std::optional<int> line = take_number(text);
  const std::optional<int> column = line ? take_number(text) : std::nullopt;
  if (!column) return std::nullopt;
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return workflow::Fault{workflow::Severity::kError, "no-yaml", {*line, *column}, std::string(text)};
}

Result<ReadWorkflow> read(workflow::Library::Read read_file, const std::string& path) {
  const auto library = std::make_shared<workflow::Library>(std::move(read_file));
  ReadWorkflow read{library};
  const Result<const workflow::Workflow*> loaded = library->load(path);
  std::vector<workflow::WorkflowFiles::FileFaults> faults = library->faults();
  if (loaded.ok()) {
    read.workflow = *loaded;
  } else if (std::optional<workflow::Fault> fault = fault_of(loaded.error(), path)) {
    faults.push_back({path, {*std::move(fault)}});
  } else {
    return loaded.error();
  }
  read.faults = workflow::to_json(faults);
  for (ordered_json& fault : read.faults) {
    if (fault["file"] == kText) fault.erase("file");
  }
  return read;
}

}  // namespace

Result<std::vector<std::string>> names_in(const fs::path& folder) {
  std::set<std::string> names;
  if (folder.empty()) return std::vector<std::string>();
  std::error_code problem;
  for (fs::directory_iterator entries(folder, problem), end; !problem && entries != end;
       entries.increment(problem)) {
    const fs::path& file = entries->path();
    std::error_code ignored;
    const bool is_workflow =
        std::find(std::begin(kEndings), std::end(kEndings), file.extension()) != std::end(kEndings) &&
        fs::is_regular_file(file, ignored);
    if (is_workflow) names.insert(file.stem().string());
  }
  if (problem) return system_error(folder, "list it", problem.value());
  return std::vector<std::string>(names.begin(), names.end());
}

Result<ReadWorkflow> read_named(const fs::path& folder, const std::string& name) {
  HEARTH_ASSIGN(const std::vector<std::string> names, names_in(folder));
  if (std::find(names.begin(), names.end(), name) == names.end())
    return Error{ErrorCode::kNotFound, fmt::format("there is no workflow '{}'", escaped(name))};
  std::error_code ignored;
  const bool is_first = fs::exists(folder / (name + std::string(kEndings[0])), ignored);
  const workflow::Library::Read read_file = [folder](const std::string& path) {
    return read_file_of(folder, path);
  };
  return read(read_file, name + std::string(kEndings[is_first ? 0 : 1]));
}

Result<ReadWorkflow> read_text(const fs::path& folder, const std::string& text) {
  if (text.size() > kMostBytes)
    return Error{ErrorCode::kInvalidArgument, fmt::format("a workflow has {} bytes at most", kMostBytes)};
  const workflow::Library::Read read_file = [folder, text](const std::string& path) {
    return path == kText ? Result<std::string>(text) : read_file_of(folder, path);
  };
  return read(read_file, std::string(kText));
}

}  // namespace hearth::serve::workflows
