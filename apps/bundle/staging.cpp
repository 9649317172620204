#include "apps/bundle/staging.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <system_error>
#include <utility>

#include "engine/base/system_error.h"

namespace hearth::bundle {
namespace {

namespace fs = std::filesystem;

fs::path beside(const fs::path& target, const char* ending) {
  return target.parent_path() / fmt::format(".{}.{}.{}", target.filename().string(), getpid(), ending);
}

Result<void> check_target(const fs::path& target, bool replaces) {
  std::error_code ignored;
  if (!fs::exists(target, ignored)) return {};
  if (!fs::is_directory(target, ignored)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: is no folder; name another place", target.string())};
  }
  if (fs::is_empty(target, ignored)) return {};
  if (!replaces) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("{}: is there already, and not empty; name another folder, or replace it with --force",
                    target.string())};
  }
  if (fs::exists(target / "bundle.json", ignored)) return {};
  return Error{
      ErrorCode::kInvalidArgument,
      fmt::format("{}: is not replaced, because it is no bundle (it has no bundle.json); name another "
                  "folder",
                  target.string())};
}

}  // namespace

Result<Staging> Staging::create(const fs::path& target, bool replaces) {
  std::error_code problem;
  fs::path real = fs::weakly_canonical(target, problem);
  if (problem) return system_error(target, "find it", problem.value());
  if (!real.has_filename()) real = real.parent_path();
  HEARTH_TRY(check_target(real, replaces));
  fs::path path = beside(real, "part");
  fs::create_directories(path, problem);
  if (problem) return system_error(path, "make this folder", problem.value());
  return Staging(std::move(real), std::move(path));
}

Staging::Staging(fs::path target, fs::path path) : target_(std::move(target)), path_(std::move(path)) {}

Staging::Staging(Staging&& other) noexcept
    : target_(std::move(other.target_)), path_(std::exchange(other.path_, {})) {}

Staging::~Staging() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Result<void> Staging::commit() {
  std::error_code ignored;
  const fs::path old = beside(target_, "old");
  const bool replaces = fs::exists(target_, ignored);
  if (replaces && std::rename(target_.c_str(), old.c_str()) != 0) return system_error(target_, "replace it");
  if (std::rename(path_.c_str(), target_.c_str()) != 0) {
    Error error = system_error(target_, "give the folder this name");
    if (replaces) fs::rename(old, target_, ignored);
    return error;
  }
  path_.clear();
  if (replaces) fs::remove_all(old, ignored);
  return {};
}

}  // namespace hearth::bundle
