#include "apps/cli/output_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

namespace hearth::cli {
namespace {

/// Also of pipes and devices, which std::filesystem::equivalent leaves out. False where either does not
/// exist.
bool is_same_file(const std::string& one, const std::string& other) {
  struct stat first {};
  struct stat second {};
  return stat(one.c_str(), &first) == 0 && stat(other.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

}  // namespace

Result<void> refuse_input(const std::string& input, const std::string& path) {
  if (!is_same_file(path, input)) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("{}: is a file that is read ({}); name another one to write", path, input)};
}

Result<void> refuse_own_file(const ModelFile& model, const std::string& path) {
  for (const auto& part : model.parts()) HEARTH_TRY(refuse_input(part->source().name(), path));
  return {};
}

bool is_standard_output(const std::string& path) { return is_same_file(path, "/dev/stdout"); }

}  // namespace hearth::cli
