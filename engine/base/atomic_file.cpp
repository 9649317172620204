#include "engine/base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

namespace hearth {
namespace {

Error system_error(const std::filesystem::path& path, const char* action) {
  const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return {code, fmt::format("{}: cannot {}: {}", path.string(), action, std::strerror(errno))};
}

}  // namespace

Result<AtomicFile> AtomicFile::create(std::filesystem::path path) {
  // The process id keeps two programs that write the same path from sharing one temporary file.
  std::filesystem::path temporary = path;
  temporary += fmt::format(".{}.part", getpid());
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return system_error(temporary, "create it");
  return AtomicFile(std::move(path), std::move(temporary), file);
}

AtomicFile::AtomicFile(std::filesystem::path path, std::filesystem::path temporary, int file)
    : path_(std::move(path)), temporary_(std::move(temporary)), file_(file) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      file_(std::exchange(other.file_, -1)) {}

AtomicFile::~AtomicFile() {
  if (file_ < 0) return;
  close_file();
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void AtomicFile::close_file() { close(std::exchange(file_, -1)); }

Result<void> AtomicFile::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error(temporary_, "write to it");
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return {};
}

Result<void> AtomicFile::commit() {
  if (fsync(file_) != 0) return system_error(temporary_, "write it to the disk");
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return system_error(path_, "take this name");
  close_file();
  return {};
}

}  // namespace hearth
