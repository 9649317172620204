// So many of something in a minute: a bucket that fills all the time, from which is taken what is used.
#pragma once

#include <chrono>
#include <cstdint>

namespace hearth::serve {

class TokenBucket {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Milliseconds = std::chrono::milliseconds;

  /// Full. `per_minute` is what it holds and what it gets in a minute; more than 0.
  TokenBucket(int64_t per_minute, Time now) : per_minute_(per_minute), level_(full()), seen_(now) {}

  /// Keeps what has been used.
  void set_limit(int64_t per_minute);

  // `now` never goes back.

  void refill(Time now);
  /// How long until so many may be taken; 0: now. More than the bucket holds are as many as it holds.
  Milliseconds wait_for(int64_t count) const;
  /// May leave less than nothing, which is filled up first.
  void take(int64_t count) { level_ -= count * kMinute; }
  void give_back(int64_t count);

  int64_t limit() const { return per_minute_; }
  /// What is left, whole; never less than 0.
  int64_t remaining() const { return level_ < 0 ? 0 : level_ / kMinute; }
  /// How long until it is full again.
  Milliseconds time_until_full() const { return time_for(full() - level_); }

 private:
  static constexpr int64_t kMinute = 60000;  // milliseconds

  int64_t full() const { return per_minute_ * kMinute; }
  Milliseconds time_for(int64_t missing) const {
    return Milliseconds((missing + per_minute_ - 1) / per_minute_);
  }

  int64_t per_minute_;
  int64_t level_;  // in parts of one that a millisecond brings `per_minute_` of: exact
  Time seen_;      // when it was last filled
};

}  // namespace hearth::serve
