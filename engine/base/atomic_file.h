// Writing a file so that its name only ever stands for the whole of it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "engine/base/result.h"

namespace hearth {

/// Bytes go to a temporary name beside the final one; commit() gives them the final name, replacing what had
/// it. Without commit() the destructor removes the temporary file. Errors are IO (NOT_FOUND for a missing
/// folder) with the path and the system's reason.
class AtomicFile {
 public:
  static Result<AtomicFile> create(std::filesystem::path path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  Result<void> append(std::span<const std::byte> bytes);
  /// Waits until the bytes are on the disk, then renames. Nothing may be appended afterwards.
  Result<void> commit();

 private:
  AtomicFile(std::filesystem::path path, std::filesystem::path temporary, int file);
  void close_file();

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int file_;  // -1 once closed
};

}  // namespace hearth
