#include "apps/store/model_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <system_error>

#include "engine/base/escaped.h"
#include "engine/base/system_error.h"
#include "engine/format/model_file.h"

namespace hearth::store {
namespace {

bool is_hidden(const std::filesystem::path& path) { return path.filename().string().starts_with('.'); }

/// Adds the models of `folder`, their names beginning with `prefix`, and gives its folders.
Result<std::vector<std::filesystem::path>> add_models(const std::filesystem::path& folder,
                                                      const std::string& prefix,
                                                      std::vector<StoredModel>& models) {
  std::vector<std::filesystem::path> folders;
  std::error_code problem;
  std::filesystem::directory_iterator files(folder, problem);
  for (; !problem && files != std::filesystem::directory_iterator(); files.increment(problem)) {
    const std::filesystem::path& path = files->path();
    std::error_code ignored;
    if (is_hidden(path)) continue;
    if (std::filesystem::is_directory(path, ignored)) folders.push_back(path);
    if (path.extension() != ".gguf" || !std::filesystem::is_regular_file(path, ignored)) continue;
    const auto part = parse_part_name(path.filename().string());
    if (part && part->number != 1) continue;
    models.push_back(model_at(path));
    models.back().name = prefix + models.back().name;
  }
  if (problem) return system_error(folder, "read it", problem.value());
  return folders;
}

/// Without what headers say.
Result<std::vector<StoredModel>> models_below(const std::filesystem::path& folder) {
  std::vector<StoredModel> models;
  HEARTH_ASSIGN(const auto folders, add_models(folder, "", models));
  for (const std::filesystem::path& inner : folders) {
    HEARTH_TRY(add_models(inner, inner.filename().string() + "/", models));
  }
  std::map<std::string, int> count_of_name;
  for (const StoredModel& model : models) ++count_of_name[model.name];
  for (StoredModel& model : models) {
    if (count_of_name[model.name] > 1) model.name = model.path.lexically_relative(folder).string();
  }
  std::sort(models.begin(), models.end(),
            [](const StoredModel& one, const StoredModel& other) { return one.name < other.name; });
  return models;
}

}  // namespace

Result<std::vector<StoredModel>> ModelFolder::list() const {
  HEARTH_ASSIGN(std::vector<StoredModel> models, models_below(folder_));
  for (StoredModel& model : models) read_header(model);
  return models;
}

Result<StoredModel> ModelFolder::find(std::string_view name) const {
  HEARTH_ASSIGN(std::vector<StoredModel> models, models_below(folder_));
  for (StoredModel& model : models) {
    if (model.name != name && model.path.lexically_relative(folder_).string() != name) continue;
    read_header(model);
    return std::move(model);
  }
  return Error{ErrorCode::kNotFound,
               fmt::format("{}: {} has no model of this name", escaped(name), folder_.string())};
}

}  // namespace hearth::store
