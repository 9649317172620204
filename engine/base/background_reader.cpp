#include "engine/base/background_reader.h"

#include <algorithm>
#include <utility>

namespace hearth {
namespace {

/// Threads sleep while the disk reads for them, however few processors there are.
constexpr int kThreads = 8;
/// What one of them reads at a time. Larger parts leave threads idle, smaller ones make the disk wait for
/// threads to wake.
constexpr size_t kPartBytes = size_t{8} << 20;

}  // namespace

BackgroundReader::~BackgroundReader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
}

void BackgroundReader::begin(const Read& read, uint64_t offset, std::span<std::byte> into) {
  const std::lock_guard lock(mutex_);
  begin_locked(read, offset, into);
}

void BackgroundReader::begin_locked(const Read& read, uint64_t offset, std::span<std::byte> into) {
  for (; !started_ && threads_.size() < kThreads;) {
    Result<Thread> thread = Thread::start([this] { read_in_background(); });
    if (!thread.ok()) break;
    threads_.push_back(std::move(*thread));
  }
  started_ = true;
  Piece& piece = pieces_[into.data()];
  for (size_t at = 0; at < into.size(); at += kPartBytes) {
    queue_.push_back({&read, offset + at, into.subspan(at, std::min(kPartBytes, into.size() - at)), &piece});
    ++piece.parts_left;
    wanted_.notify_one();
  }
}

Result<void> BackgroundReader::finish(const Read& read, uint64_t offset, std::span<std::byte> into) {
  std::unique_lock lock(mutex_);
  if (!pieces_.contains(into.data())) begin_locked(read, offset, into);
  const auto piece = pieces_.find(into.data());
  while (piece->second.parts_left > 0) {
    if (queue_.empty()) {
      done_.wait(lock);
    } else {
      read_next(lock);
    }
  }
  Result<void> outcome = std::move(piece->second.outcome);
  pieces_.erase(piece);
  return outcome;
}

/// Reads what has waited longest, without the lock.
void BackgroundReader::read_next(std::unique_lock<std::mutex>& lock) {
  const Part part = queue_.front();
  queue_.pop_front();
  lock.unlock();
  Result<void> read = (*part.read)(part.offset, part.into);
  lock.lock();
  if (part.piece->outcome.ok()) part.piece->outcome = std::move(read);
  if (--part.piece->parts_left == 0) done_.notify_all();
}

void BackgroundReader::read_in_background() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wanted_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    read_next(lock);
  }
}

}  // namespace hearth
