// Lock files, as @hearth/node writes them: one process at a time, also across containers and hosts that share
// a folder, and none for ever after a crash.
//
// Who holds one writes to it every few seconds; one that is silent for a lease is taken away. Times are
// compared only as the file system gives them, or within one process: clocks of hosts differ.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/result.h"

namespace hearth::store {

struct LockTimes {
  std::chrono::milliseconds beat{5'000};    // between the holder's signs of life
  std::chrono::milliseconds lease{30'000};  // without one, before the lock is taken away
};

class FileLock {
 public:
  /// Waits for whoever holds `path` now; meanwhile `wait` is often told who that is, and may give up (false:
  /// ABORTED).
  static Result<FileLock> acquire(const std::filesystem::path& path,
                                  const std::function<bool(const std::string& holder)>& wait,
                                  LockTimes times = {});
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  /// Gives it back.
  ~FileLock();

  /// Whether another has taken it: after this process was stopped for long. Known after a beat.
  bool is_lost() const;
  /// IO where another has taken it; to be called before what must not be done twice.
  Result<void> confirm() const;

 private:
  struct State;
  explicit FileLock(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace hearth::store
