// A file that is not whole yet: PATH.partial, and beside it PATH.partial.tag, by which a server tells whether
// it still has the same one.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "engine/base/result.h"

namespace hearth::store {

/// Bytes of a file; 0 where there is none.
uint64_t size_of(const std::filesystem::path& path);

/// The ETag or date of what is there; empty where nothing can be added to it.
std::string read_tag(const std::filesystem::path& partial);

/// Deletes what is there.
void discard_partial(const std::filesystem::path& partial);

/// Of a file of the cache, `problem` being a value of errno: CACHE_QUOTA where there is no room for it, on
/// the disk or of what the user may take, otherwise as system_error() says.
Error write_error(const std::filesystem::path& path, const char* action, int problem = errno);

class PartialFile {
 public:
  /// What is written will begin at byte `at`.
  PartialFile(std::filesystem::path path, uint64_t at);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  bool is_open() const { return file_ >= 0; }
  /// Bytes that are there.
  uint64_t at() const { return at_; }

  /// From the beginning in place of what was there, with the tag to go on by; or behind what is there, which
  /// has one.
  Result<void> open_with(const std::string& tag);
  /// The errors of write_error().
  Result<void> write(std::span<const std::byte> bytes);

 private:
  std::filesystem::path path_;
  uint64_t at_;
  int file_ = -1;
};

}  // namespace hearth::store
