// A thread that the system may refuse: std::thread throws then, which a build without exceptions cannot
// catch.
#pragma once

#include <pthread.h>

#include <functional>
#include <optional>

#include "engine/base/result.h"

namespace hearth {

class Thread {
 public:
  /// Runs `body`, which must not throw, beside the caller. OUT_OF_MEMORY where the system lets no more
  /// threads be started: it limits how many a process and a user have, and each needs memory for its stack.
  static Result<Thread> start(std::function<void()> body);

  /// None.
  Thread() = default;
  Thread(Thread&& other) noexcept;
  Thread& operator=(Thread&& other) noexcept;
  /// Joins.
  ~Thread();

  /// Waits for its end; returns at once where there is none (any more).
  void join();

 private:
  std::optional<pthread_t> handle_;
};

}  // namespace hearth
