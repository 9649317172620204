#include "apps/store/partial_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "engine/base/system_error.h"

namespace hearth::store {
namespace {

std::filesystem::path tag_path(std::filesystem::path partial) { return partial += ".tag"; }

}  // namespace

Error write_error(const std::filesystem::path& path, const char* action, int problem) {
  const bool has_no_room = problem == ENOSPC || problem == EDQUOT || problem == EFBIG;
  if (!has_no_room) return system_error(path, action, problem);
  const char* why = problem == ENOSPC   ? "the disk is full"
                    : problem == EDQUOT ? "your share of the disk is used up"
                                        : "no file may become so large here ('ulimit -f')";
  return {
      ErrorCode::kCacheQuota,
      fmt::format("{}: {}; delete models that you do not need ('hearth rm'), or downloads that you do not "
                  "go on with ('hearth rm --unfinished')",
                  path.string(), why)};
}

uint64_t size_of(const std::filesystem::path& path) {
  std::error_code problem;
  const auto size = std::filesystem::file_size(path, problem);
  return problem ? 0 : size;
}

std::string read_tag(const std::filesystem::path& partial) {
  std::ifstream file(tag_path(partial), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void discard_partial(const std::filesystem::path& partial) {
  std::error_code ignored;
  std::filesystem::remove(partial, ignored);
  std::filesystem::remove(tag_path(partial), ignored);
}

PartialFile::PartialFile(std::filesystem::path path, uint64_t at) : path_(std::move(path)), at_(at) {}

PartialFile::~PartialFile() {
  if (file_ >= 0) close(file_);
}

Result<void> PartialFile::open_with(const std::string& tag) {
  file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (at_ == 0 ? O_TRUNC : 0), 0666);
  if (file_ < 0) return write_error(path_, "create it");
  if (at_ > 0) return {};
  std::ofstream file(tag_path(path_), std::ios::binary | std::ios::trunc);
  file << tag;
  file.close();
  return file ? Result<void>() : write_error(tag_path(path_), "write to it");
}

Result<void> PartialFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return write_error(path_, "write to it");
    at_ += static_cast<uint64_t>(written);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return {};
}

}  // namespace hearth::store
