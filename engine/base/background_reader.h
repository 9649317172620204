// Reads that go on in the background, several at once: a disk gives its best only to who asks for more while
// it reads. Where no thread can be started, whoever waits for a piece reads it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/thread.h"

namespace hearth {

class BackgroundReader {
 public:
  /// Fills `into` from `offset`; called on several threads at once.
  using Read = std::function<Result<void>(uint64_t offset, std::span<std::byte> into)>;

  BackgroundReader() = default;
  BackgroundReader(const BackgroundReader&) = delete;
  BackgroundReader& operator=(const BackgroundReader&) = delete;
  /// Everything begun must be finished.
  ~BackgroundReader();

  /// Has `into`, which nothing else may be read to, filled from `offset` by `read`, which must outlive that.
  void begin(const Read& read, uint64_t offset, std::span<std::byte> into);
  /// Returns when that is done, and how it went; begins with it if nobody has.
  Result<void> finish(const Read& read, uint64_t offset, std::span<std::byte> into);

 private:
  struct Piece {
    size_t parts_left = 0;
    Result<void> outcome;  // the first fault
  };
  struct Part {
    const Read* read;
    uint64_t offset;
    std::span<std::byte> into;
    Piece* piece;
  };

  void begin_locked(const Read& read, uint64_t offset, std::span<std::byte> into);
  void read_next(std::unique_lock<std::mutex>& lock);
  void read_in_background();

  std::mutex mutex_;
  std::condition_variable wanted_, done_;
  std::map<const std::byte*, Piece> pieces_;  // by the place that they go to
  std::deque<Part> queue_;
  bool stopping_ = false;
  bool started_ = false;
  std::vector<Thread> threads_;  // last: they use all of the above
};

}  // namespace hearth
