#include "engine/base/thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "engine/base/thread_pool.h"

namespace hearth {
namespace {

/// While it lives no thread can be started: each would need a stack larger than the address space.
class NoThreads {
 public:
  NoThreads() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, size_t{1} << 47);
    pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;
  ~NoThreads() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }

 private:
  pthread_attr_t before_;
};

TEST(Thread, RunsBesideTheCallerUntilItIsJoined) {
  std::atomic<int> told{0};
  auto thread = Thread::start([&] {
    while (told == 0) {
    }
    told = 2;
  });
  ASSERT_TRUE(thread.ok()) << thread.error().message;
  told = 1;
  thread->join();
  EXPECT_EQ(told, 2);
  thread->join();  // there is none any more
}

TEST(Thread, OneThatTheSystemRefusesIsAnErrorThatSaysWhatToDo) {
  const NoThreads no_threads;
  const auto thread = Thread::start([] {});
  ASSERT_FALSE(thread.ok());
  EXPECT_EQ(thread.error().code, ErrorCode::kOutOfMemory);
  EXPECT_NE(thread.error().message.find("ulimit -u"), std::string::npos) << thread.error().message;
}

TEST(ThreadPool, WorksWithTheThreadsThatTheSystemGives) {
  const NoThreads no_threads;
  ThreadPool pool(4);
  EXPECT_EQ(pool.thread_count(), 1);
  std::vector<int> done(100, 0);
  pool.run(100, [&](int64_t index, int thread) { done[static_cast<size_t>(index)] += thread + 1; });
  EXPECT_EQ(done, std::vector<int>(100, 1));
}

}  // namespace
}  // namespace hearth
