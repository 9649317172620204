#include "engine/base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <system_error>
#include <utility>

#include "engine/base/system_error.h"

namespace hearth {
namespace {

namespace fs = std::filesystem;

const char* kind_that_holds_no_bytes(fs::file_type type) {
  switch (type) {
    case fs::file_type::directory:
      return "a folder";
    case fs::file_type::socket:
      return "a socket";
    case fs::file_type::block:
      return "a disk";
    default:
      return nullptr;
  }
}

/// Where the links that `path` may be lead to, whether there is a file yet or not.
Result<fs::path> follow_links(const fs::path& path) {
  constexpr int kMostLinks = 40;  // as many as Linux follows
  fs::path end = path;
  for (int links = 0; links < kMostLinks; ++links) {
    std::error_code problem;
    const fs::path next = fs::read_symlink(end, problem);
    if (problem) return end;  // no link, or nothing that can be looked at: creating it will tell
    end = end.parent_path() / next;
  }
  return system_error(path, "follow it", ELOOP);
}

}  // namespace

Result<AtomicFile> AtomicFile::create(fs::path path, fs::perms permissions) {
  std::error_code ignored;  // what cannot be looked at cannot be created either, which tells
  const fs::file_status status = fs::status(path, ignored);
  const bool replaces = fs::is_regular_file(status);
  if (fs::exists(status) && !replaces) return open_special(std::move(path));
  HEARTH_ASSIGN(fs::path target, follow_links(path));
  if (replaces && access(target.c_str(), W_OK) != 0) return system_error(path, "write to it");
  // So that two programs that write the same path, or two threads of one, have a temporary file each.
  static std::atomic<uint64_t> files = 0;
  fs::path temporary = target;
  temporary += fmt::format(".{}-{}.part", getpid(), ++files);
  const int file =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, static_cast<mode_t>(permissions));
  if (file < 0) return system_error(path, "create it");
  if (replaces) fchmod(file, static_cast<mode_t>(status.permissions()));
  return AtomicFile(std::move(path), std::move(target), std::move(temporary), file);
}

Result<AtomicFile> AtomicFile::open_special(fs::path path) {
  std::error_code ignored;
  if (const char* kind = kind_that_holds_no_bytes(fs::status(path, ignored).type())) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: is {}; name a file to write", path.string(), kind)};
  }
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (file < 0) return system_error(path, "open it");
  return AtomicFile(path, path, {}, file);
}

AtomicFile::AtomicFile(fs::path path, fs::path target, fs::path temporary, int file)
    : path_(std::move(path)), target_(std::move(target)), temporary_(std::move(temporary)), file_(file) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)),
      file_(std::exchange(other.file_, -1)) {}

AtomicFile::~AtomicFile() {
  if (file_ < 0) return;
  close_file();
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove(temporary_, ignored);
}

Error AtomicFile::failed_to(const char* action) const { return system_error(path_, action); }

void AtomicFile::close_file() { close(std::exchange(file_, -1)); }

Result<void> AtomicFile::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed_to("write to it");
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return {};
}

Result<void> AtomicFile::commit() {
  if (!temporary_.empty()) {
    if (fsync(file_) != 0) return failed_to("write it to the disk");
    if (std::rename(temporary_.c_str(), target_.c_str()) != 0) return failed_to("take this name");
  }
  close_file();
  return {};
}

}  // namespace hearth
