// A fixed set of threads that run one parallel loop at a time.
//
// How work is divided never changes a result: tasks write disjoint outputs, and no sum crosses a task.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace hearth {

class ThreadPool {
 public:
  static constexpr int kMostThreads = 512;

  /// `threads` counts the caller, who works too; 1 starts no thread at all. There are fewer than asked for
  /// where the system lets no more be started, and at most kMostThreads.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int thread_count() const;

  /// Calls task(index, thread) for every index in [0, count), each once, on whichever thread is free,
  /// and returns when all are done. `thread` is in [0, thread_count()): at most one call per thread runs at a
  /// time, so it can index scratch memory. Not reentrant.
  ///
  /// What a task throws (std::bad_alloc, say) is thrown to the caller once all threads are done; some tasks
  /// may not have been called then.
  void run(int64_t count, const std::function<void(int64_t index, int thread)>& task);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The number of threads that suits this machine: its physical cores, as far as the process may use them.
int default_thread_count();

}  // namespace hearth
