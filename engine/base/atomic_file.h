// Writing a file so that its name only ever stands for the whole of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "engine/base/result.h"

namespace hearth {

/// Bytes go to a temporary name beside the final one; commit() gives them the final name, replacing what had
/// it but for its permissions. Without commit() the destructor removes the temporary file. A symbolic link
/// stays: what it leads to is replaced, or made.
///
/// Devices and pipes are written to as they are, piece by piece, and so are terminals and /dev/stdout.
/// Folders, sockets and disks are refused with INVALID_ARGUMENT. Other errors are IO (NOT_FOUND for a missing
/// folder) with the path and the system's reason.
class AtomicFile {
 public:
  /// `permissions`, less the umask, are those of a file that there has not been yet.
  static Result<AtomicFile> create(std::filesystem::path path,
                                   std::filesystem::perms permissions = std::filesystem::perms(0666));
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  Result<void> append(std::span<const std::byte> bytes);
  /// Waits until the bytes are on the disk, then renames. Nothing may be appended afterwards.
  Result<void> commit();

 private:
  AtomicFile(std::filesystem::path path, std::filesystem::path target, std::filesystem::path temporary,
             int file);
  static Result<AtomicFile> open_special(std::filesystem::path path);
  Error failed_to(const char* action) const;
  void close_file();

  std::filesystem::path path_;       // as it was given, for messages
  std::filesystem::path target_;     // what gets the bytes in the end
  std::filesystem::path temporary_;  // what gets them first; empty where that is the target itself
  int file_;                         // -1 once closed
};

}  // namespace hearth
