// All connections that are open: how many there may be, and the end of those that keep it waiting. One
// coroutine looks at all deadlines in turn, which costs less than a timer for each read and write.
#pragma once

#include <chrono>
#include <list>

#include "apps/serve/net.h"

namespace hearth::serve {

class OpenConnection {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~OpenConnection() = default;
  /// Ends what the connection waits for.
  virtual void interrupt() = 0;

  void allow(std::chrono::milliseconds time) { deadline = Clock::now() + time; }
  void allow_any_time() { deadline = Clock::time_point::max(); }

  Clock::time_point deadline = Clock::time_point::max();
  bool idle = false;     // between two requests
  bool expired = false;  // its deadline has passed
};

class Connections {
 public:
  void add(OpenConnection& connection) { open_.push_back(&connection); }
  void remove(OpenConnection& connection) { open_.remove(&connection); }
  size_t size() const { return open_.size(); }

  /// Interrupts those whose deadline has passed; for ever.
  Awaitable<> watch();
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
