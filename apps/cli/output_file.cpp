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

Result<void> refuse_own_file(const ModelFile& model, const std::string& path) {
  for (const auto& part : model.parts()) {
    const std::string& input = part->source().name();
    if (!is_same_file(path, input)) continue;
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("{}: is a file of the model that is read ({}); name another one to write", path, input)};
  }
  return {};
}

bool is_standard_output(const std::string& path) { return is_same_file(path, "/dev/stdout"); }

}  // namespace hearth::cli
