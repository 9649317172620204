// One file in the cache: downloaded once, whichever process or thread asks first; visible under its own name
// only when it is whole and checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "apps/store/file_lock.h"
#include "apps/store/pull_report.h"
#include "engine/base/result.h"

namespace hearth::store {

/// What a file is known to be before it is there.
struct Expected {
  std::optional<uint64_t> size;
  std::string sha256;   // in lower case; empty: not known
  bool reload = false;  // whether what is there shall be fetched anew
};

class CachedFile {
 public:
  /// Leaves the file's bytes at `partial`. Where the lock is lost, another process writes there, too.
  using Get = std::function<Result<void>(const std::filesystem::path& partial, const FileLock& lock)>;

  /// `url` is noted as where it comes from. Borrows `report`.
  CachedFile(std::filesystem::path path, std::string url, Expected expected, const PullReport& report);

  const std::filesystem::path& path() const { return path_; }

  /// Has the file at path(): finds it there, waits for who is fetching it, or has `get` fetch it. INTEGRITY
  /// where what comes is not what is expected; it is not kept then.
  Result<void> find_or_get(const Get& get);

 private:
  /// Whether it is there as it is expected; where that takes reading all of it, only where it `may_read`.
  Result<bool> is_there(bool may_read) const;
  Result<FileLock> lock() const;
  /// INTEGRITY where what has come is not what is expected.
  Result<void> check() const;
  Result<std::string> sha256_of_file(const std::filesystem::path& file) const;
  Error cancelled() const;

  std::filesystem::path path_;
  std::filesystem::path partial_;
  std::string url_;
  Expected expected_;
  const PullReport& report_;
};

}  // namespace hearth::store
