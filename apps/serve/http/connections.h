// All connections that are open: how many there may be, and the end of those that keep it waiting. One
// coroutine looks at all deadlines in turn, which costs less than a timer for each read and write.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>

#include "apps/serve/net.h"

namespace hearth::serve {

class OpenConnection {
 public:
  using Clock = std::chrono::steady_clock;

  /// Why what it waited for was ended.
  enum class Interruption : uint8_t {
    kNone,
    kWaiting,  // for the client, for longer than is allowed
    kAnswer,   // the answer took longer than is allowed
    kClosing,  // all connections end
  };

  virtual ~OpenConnection() = default;

  /// How long the client may take for what it is waited for now.
  void allow(std::chrono::milliseconds time) { deadline_ = later(time); }
  void allow_any_time() { deadline_ = Clock::time_point::max(); }
  /// The same for the answer that is being written.
  void allow_answer(std::chrono::milliseconds time) { answer_deadline_ = later(time); }
  void allow_any_answer() { answer_deadline_ = Clock::time_point::max(); }

  /// Ends what the connection waits for.
  void interrupt(Interruption reason) {
    interruption = reason;
    cancel();
  }
  void interrupt_if_late(Clock::time_point now);

  bool idle = false;  // between two requests
  Interruption interruption = Interruption::kNone;

 protected:
  virtual void cancel() = 0;

 private:
  static Clock::time_point later(std::chrono::milliseconds time) {
    return time == std::chrono::milliseconds::max() ? Clock::time_point::max() : Clock::now() + time;
  }

  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point answer_deadline_ = Clock::time_point::max();
};

class Connections {
 public:
  void add(OpenConnection& connection) { open_.push_back(&connection); }
  void remove(OpenConnection& connection) { open_.remove(&connection); }
  size_t size() const { return open_.size(); }

  /// Interrupts those whose deadline has passed; for ever.
  Awaitable<> watch();
  /// Ends the connection that has been open for longest among those without a request; false where there is
  /// none.
  bool end_an_idle_one();
  /// From now on, connections end with the request that they are at.
  void drain();
  bool draining() const { return draining_; }
  /// Interrupts all.
  void close();

 private:
  std::list<OpenConnection*> open_;
  bool draining_ = false;
};

}  // namespace hearth::serve
