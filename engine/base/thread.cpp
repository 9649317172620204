#include "engine/base/thread.h"

#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <utility>

namespace hearth {
namespace {

using Body = std::function<void()>;

void* run(void* body) noexcept {
  const std::unique_ptr<Body> owned(static_cast<Body*>(body));
  (*owned)();
  return nullptr;
}

}  // namespace

Result<Thread> Thread::start(Body body) {
  auto owned = std::make_unique<Body>(std::move(body));
  pthread_t handle{};
  const int problem = pthread_create(&handle, nullptr, run, owned.get());
  if (problem != 0) {
    return Error{
        ErrorCode::kOutOfMemory,
        fmt::format("the system lets no more threads be started ({}); close other programs, or raise its "
                    "limits on processes and memory (ulimit -u, ulimit -v)",
                    std::strerror(problem))};
  }
  static_cast<void>(owned.release());  // the thread's own now
  Thread thread;
  thread.handle_ = handle;
  return thread;
}

Thread::Thread(Thread&& other) noexcept : handle_(std::exchange(other.handle_, std::nullopt)) {}

Thread& Thread::operator=(Thread&& other) noexcept {
  join();
  handle_ = std::exchange(other.handle_, std::nullopt);
  return *this;
}

Thread::~Thread() { join(); }

void Thread::join() {
  if (handle_) pthread_join(*std::exchange(handle_, std::nullopt), nullptr);
}

}  // namespace hearth
