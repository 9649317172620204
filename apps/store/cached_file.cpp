#include "apps/store/cached_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "apps/store/entries.h"
#include "apps/store/partial_file.h"
#include "apps/store/sha256.h"
#include "engine/base/byte_source.h"
#include "engine/base/system_error.h"

namespace hearth::store {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kHashedBytes = uint64_t{4} << 20;

/// Has the bytes of a file on the disk before its name says that they are.
Result<void> flush(const fs::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return system_error(path, "open it");
  const int failed = fsync(file);
  const int problem = errno;
  close(file);
  if (failed != 0) return write_error(path, "write it to the disk", problem);
  return {};
}

}  // namespace

CachedFile::CachedFile(fs::path path, std::string url, Expected expected, const PullReport& report)
    : path_(std::move(path)),
      partial_(fs::path(path_) += ".partial"),
      url_(std::move(url)),
      expected_(std::move(expected)),
      report_(report) {}

Result<void> CachedFile::find_or_get(const Get& get) {
  if (!report_.say("check_cache", 0, expected_.size.value_or(0))) return cancelled();
  HEARTH_ASSIGN(const bool known, is_there(false));
  if (known) return {};
  std::error_code problem;
  fs::create_directories(path_.parent_path(), problem);
  if (problem) return write_error(path_.parent_path(), "create it", problem.value());
  HEARTH_ASSIGN(const FileLock held, lock());
  HEARTH_ASSIGN(const bool there, is_there(true));  // another may have just done it
  if (there) return {};
  if (expected_.reload) discard_partial(partial_);
  HEARTH_TRY(get(partial_, held));
  HEARTH_TRY(check());
  if (!report_.say("store", 0, 0)) return cancelled();
  HEARTH_TRY(flush(partial_));
  HEARTH_TRY(held.confirm());
  HEARTH_TRY(commit(partial_, path_, Note{url_, expected_.sha256, {}, 0.0}));
  discard_partial(partial_);  // what it would have gone on by
  return {};
}

Result<FileLock> CachedFile::lock() const {
  return FileLock::acquire(fs::path(path_) += ".lock", [this](const std::string& holder) {
    return report_.say("download", size_of(partial_), expected_.size.value_or(0),
                       fmt::format("waiting for {}, which is fetching it", holder));
  });
}

Result<bool> CachedFile::is_there(bool may_read) const {
  std::error_code none;
  if (expected_.reload || !fs::is_regular_file(path_, none)) return false;
  const std::optional<Note> note = note_of(path_);
  const std::optional<uint64_t> size = expected_.size || !note ? expected_.size : note->size;
  if (size && *size != size_of(path_)) return false;
  const std::string sha256 = expected_.sha256.empty() && note ? note->sha256 : expected_.sha256;
  const bool is_known = note && note->sha256 == sha256 && (sha256.empty() || is_unchanged(path_, *note));
  if (!is_known) {
    if (!may_read) return false;
    HEARTH_ASSIGN(const std::string found, sha256.empty() ? Result<std::string>("") : sha256_of_file(path_));
    if (found != sha256) return false;
    HEARTH_TRY(write_note(path_, Note{note ? note->url : url_, sha256, {}, 0.0}, path_));
  }
  touch(path_);
  return true;
}

Result<void> CachedFile::check() const {
  const uint64_t size = size_of(partial_);
  if (expected_.size && size != *expected_.size) {
    discard_partial(partial_);
    return Error{ErrorCode::kIntegrity,
                 fmt::format("{}: it has {} bytes, not {}", url_, size, *expected_.size)};
  }
  if (expected_.sha256.empty()) return {};
  HEARTH_ASSIGN(const std::string found, sha256_of_file(partial_));
  if (found == expected_.sha256) return {};
  discard_partial(partial_);
  return Error{ErrorCode::kIntegrity,
               fmt::format("{}: its SHA-256 is {}, not {}; it was not kept", url_, found, expected_.sha256)};
}

Result<std::string> CachedFile::sha256_of_file(const fs::path& file) const {
  HEARTH_ASSIGN(const auto source, map_file(file));
  Sha256 hash;
  for (uint64_t at = 0; at < source->size(); at += kHashedBytes) {
    if (!report_.say("verify", at, source->size())) return cancelled();
    hash.add(source->mapped().subspan(at, std::min(kHashedBytes, source->size() - at)));
  }
  return hash.take();
}

Error CachedFile::cancelled() const {
  return {ErrorCode::kAborted, fmt::format("{}: the download was cancelled", url_)};
}

}  // namespace hearth::store
