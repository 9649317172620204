#include "engine/base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <new>
#include <thread>
#include <vector>

namespace hearth {
namespace {

class ThreadPoolOf : public ::testing::TestWithParam<int> {};

TEST_P(ThreadPoolOf, DoesEveryIndexOnce) {
  ThreadPool pool(GetParam());
  ASSERT_EQ(pool.thread_count(), GetParam());
  for (const int64_t count : {0, 1, 2, 3, 7, 64, 1000, 4097}) {
    std::vector<int> done(static_cast<size_t>(count), 0);  // not atomic: a thread sanitizer sees any overlap
    pool.run(count, [&](int64_t index, int) { ++done[static_cast<size_t>(index)]; });
    for (int64_t i = 0; i < count; ++i) ASSERT_EQ(done[static_cast<size_t>(i)], 1) << i << " of " << count;
  }
}

TEST_P(ThreadPoolOf, ThreadNumbersIndexScratchMemory) {
  ThreadPool pool(GetParam());
  std::vector<int64_t> sums(static_cast<size_t>(pool.thread_count()), 0);
  const int64_t count = 10000;
  pool.run(count, [&](int64_t index, int thread) { sums.at(static_cast<size_t>(thread)) += index; });
  int64_t total = 0;
  for (const int64_t sum : sums) total += sum;
  EXPECT_EQ(total, count * (count - 1) / 2);
}

TEST_P(ThreadPoolOf, WhatARunWroteIsThereWhenItReturns) {
  ThreadPool pool(GetParam());
  std::vector<int64_t> values(100, 0);
  for (int64_t round = 1; round <= 2000; ++round) {
    pool.run(100, [&](int64_t index, int) {
      // Each run reads what the one before wrote, mostly on another thread.
      const size_t next = static_cast<size_t>((index + 1) % 100);
      if (round % 2 == 1) {
        values[static_cast<size_t>(index)] = round;
      } else if (values[next] != round - 1) {
        ADD_FAILURE() << "run " << round << " read " << values[next];
      }
    });
  }
}

TEST_P(ThreadPoolOf, WorksAfterItsThreadsFellAsleep) {
  ThreadPool pool(GetParam());
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    std::atomic<int> done{0};
    pool.run(50, [&](int64_t, int) { ++done; });
    EXPECT_EQ(done, 50);
  }
}

TEST_P(ThreadPoolOf, AThreadThatSleepsInATaskIsWaitedFor) {
  ThreadPool pool(GetParam());
  std::atomic<int> done{0};
  pool.run(pool.thread_count() + 1, [&](int64_t index, int) {
    if (index == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ++done;
  });
  EXPECT_EQ(done, pool.thread_count() + 1);
}

TEST_P(ThreadPoolOf, WhatATaskThrowsReachesTheCallerAndThePoolGoesOn) {
  ThreadPool pool(GetParam());
  for (const int64_t failing : {0, 63}) {
    const auto fail = [&](int64_t index, int) {
      if (index == failing) throw std::bad_alloc();
    };
    EXPECT_THROW(pool.run(64, fail), std::bad_alloc);
  }
  std::atomic<int> done{0};
  pool.run(64, [&](int64_t, int) { ++done; });
  EXPECT_EQ(done, 64);
}

INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolOf, ::testing::Values(1, 2, 3, 8));

TEST(ThreadPool, AllThreadsTakePart) {
  ThreadPool pool(3);
  std::atomic<int> waiting{0};
  // Three tasks that each wait for the other two can only end on three threads.
  pool.run(3, [&](int64_t, int) {
    ++waiting;
    while (waiting < 3) std::this_thread::yield();
  });
  EXPECT_EQ(waiting, 3);
}

TEST(ThreadPool, AThreadThatIsDoneTakesWhatAnotherHasNotBegun) {
  ThreadPool pool(2);
  std::atomic<int> others{0};
  // Whoever has the first task ends it only when all others are done, its own neighbours too.
  pool.run(20, [&](int64_t index, int) {
    if (index != 0) {
      ++others;
      return;
    }
    while (others < 19) std::this_thread::yield();
  });
  EXPECT_EQ(others, 19);
}

TEST(ThreadPool, TakesANonsensicalThreadCountAsTheNearestSensibleOne) {
  EXPECT_EQ(ThreadPool(0).thread_count(), 1);
  EXPECT_EQ(ThreadPool(-5).thread_count(), 1);
}

TEST(ThreadPool, ComesAndGoesWithoutWork) {
  for (int i = 0; i < 50; ++i) ThreadPool pool(4);
}

TEST(DefaultThreadCount, IsAtLeastOneAndNoMoreThanTheMachineHas) {
  EXPECT_GE(default_thread_count(), 1);
  const int threads = static_cast<int>(std::thread::hardware_concurrency());
  if (threads > 0) {
    EXPECT_LE(default_thread_count(), threads);
  }
}

}  // namespace
}  // namespace hearth
