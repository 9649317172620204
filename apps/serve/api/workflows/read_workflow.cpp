#include "apps/serve/api/workflows/read_workflow.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
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

Result<ReadWorkflow> read(workflow::Library::Read read_file, const std::string& path) {
  ReadWorkflow read;
  read.library = std::make_shared<workflow::Library>(std::move(read_file));
  HEARTH_ASSIGN(read.workflow, read.library->load(path));
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
  const workflow::Library::Read read_file = [&](const std::string& path) {
    return path == kText ? Result<std::string>(text) : read_file_of(folder, path);
  };
  return read(read_file, std::string(kText));
}

ordered_json faults_json(const workflow::Library& library) {
  ordered_json list = ordered_json::array();
  for (const auto& [file, faults] : library.faults()) {
    for (const ordered_json& fault : workflow::to_json(faults)) {
      ordered_json told = ordered_json::object();
      if (file != kText) told["file"] = file;
      told.update(fault);
      list.push_back(std::move(told));
    }
  }
  return list;
}

}  // namespace hearth::serve::workflows
