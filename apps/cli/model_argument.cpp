#include "apps/cli/model_argument.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "apps/cli/stored_models.h"
#include "apps/store/reference.h"

namespace hearth::cli {
namespace {

bool is_file(const std::string& name) {
  std::error_code no_path;  // a prompt may be too long for one
  return std::filesystem::is_regular_file(name, no_path);
}

bool is_there(const std::string& name) {
  std::error_code no_path;
  return std::filesystem::exists(name, no_path);
}

bool looks_like_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".gguf");
}

}  // namespace

bool names_model(const std::string& argument) {
  return argument.empty() || argument.ends_with(".gguf") || store::is_address(argument) ||
         is_file(argument) || store::ModelStore().find(argument).ok();
}

std::string fault_of_model_name(const std::string& name) {
  return name.empty() ? "the name is empty; is a variable of the shell not set?" : "";
}

CLI::Validator model_name() {
  return CLI::Validator([](const std::string& name) { return fault_of_model_name(name); }, "", "model_name");
}

Result<std::string> model_file(const std::string& name, Absent absent) {
  if (is_there(name)) return name;
  const auto found = store::ModelStore().find(name);
  if (found.ok()) return found->path.string();
  if (found.error().code != ErrorCode::kNotFound) return found.error();
  if (store::is_address(name)) {
    if (absent == Absent::kRefuse) {
      return Error{ErrorCode::kNotFound,
                   fmt::format("{}: it was not downloaded; 'hearth pull {}' does that", name, name)};
    }
    HEARTH_ASSIGN(const store::StoredModel pulled, pull_model(name));
    return pulled.path.string();
  }
  if (looks_like_path(name)) return name;
  return Error{
      ErrorCode::kNotFound,
      fmt::format("{}: there is no such file, and no model of this name was downloaded; 'hearth list' "
                  "shows those that were",
                  name)};
}

}  // namespace hearth::cli
