#include "engine/base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/processor_count.h"
#include "engine/base/thread.h"

namespace hearth {
namespace {

/// The gate's word: how many workers are inside, and above it the phase, odd while a run is open. One word,
/// so that entering, closing and leaving are each one atomic step.
constexpr uint32_t kInside = 1023;
constexpr uint32_t kPhase = kInside + 1;
static_assert(ThreadPool::kMostThreads <= kInside);

constexpr uint32_t phase_of(uint32_t gate) { return gate / kPhase; }
constexpr bool is_open(uint32_t gate) { return (phase_of(gate) & 1U) != 0; }
constexpr uint32_t inside(uint32_t gate) { return gate & kInside; }

/// The regions of a forward pass follow each other within a few microseconds: that long a thread spins, for
/// waking from a futex takes about as long. Then it offers its core to others between looks, and at last
/// sleeps.
constexpr auto kSpinTime = std::chrono::microseconds(20);
constexpr auto kYieldTime = std::chrono::microseconds(100);

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits until done(word) holds and returns that word.
template <typename Done>
uint32_t wait_until(const std::atomic<uint32_t>& word, Done done) {
  const auto start = std::chrono::steady_clock::now();
  uint32_t value = word.load(std::memory_order_acquire);
  for (int looks = 1; !done(value); ++looks) {
    pause();
    if (looks % 16 == 0) {
      const auto waited = std::chrono::steady_clock::now() - start;
      if (waited > kYieldTime) {
        word.wait(value, std::memory_order_acquire);
      } else if (waited > kSpinTime) {
        std::this_thread::yield();
      }
    }
    value = word.load(std::memory_order_acquire);
  }
  return value;
}

}  // namespace

/// What a task throws, kept until the run is over: it must not leave a worker, nor the caller while workers
/// are inside. Builds without exceptions have nothing to keep.
class Thrown {
 public:
  template <typename Work>
  void keep_from(const Work& work) {
#if defined(__cpp_exceptions)
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      last_ = std::current_exception();
    }
#else
    work();
#endif
  }

#if defined(__cpp_exceptions)
  void rethrow() {
    if (last_) std::rethrow_exception(std::exchange(last_, nullptr));
  }

 private:
  std::mutex mutex_;
  std::exception_ptr last_;
#else
  void rethrow() {}
#endif
};

// A run opens the gate, works, closes the gate and waits for the workers inside. A worker that comes too late
// (it slept, or its core was given to another process) finds the gate closed: the run never waits for it.
//
// Each thread has a slice of the tasks, so that neighbours stay on one thread: what it reads ahead of one
// task is then there for the next. Who is done with its own goes on with the others' slices.
struct ThreadPool::State {
  struct alignas(64) Slice {
    std::atomic<int64_t> next{0};
    int64_t end = 0;
  };

  ~State() {
    stopping.store(true, std::memory_order_relaxed);
    gate.fetch_add(2 * kPhase, std::memory_order_release);  // stays closed, but wakes the sleepers
    gate.notify_all();
    workers.clear();  // joins them
  }

  alignas(64) std::atomic<uint32_t> gate{0};
  alignas(64) const std::function<void(int64_t, int)>* task = nullptr;
  std::vector<Slice> slices;  // one per thread
  std::atomic<bool> stopping{false};
  Thrown thrown;  // by tasks of this run
  std::vector<Thread> workers;

  void set_tasks(int64_t count, const std::function<void(int64_t, int)>& run_task) {
    task = &run_task;
    const auto threads = static_cast<int64_t>(slices.size());
    const int64_t share = count / threads;
    const int64_t rest = count % threads;
    int64_t first = 0;
    for (int64_t i = 0; i < threads; ++i) {
      Slice& slice = slices[static_cast<size_t>(i)];
      slice.next.store(first, std::memory_order_relaxed);
      first += share + (i < rest ? 1 : 0);
      slice.end = first;
    }
  }

  void do_tasks(int thread) {
    thrown.keep_from([this, thread] { do_slices(thread); });
  }

  void do_slices(int thread) {
    for (size_t i = 0; i < slices.size(); ++i) {
      Slice& slice = slices[(static_cast<size_t>(thread) + i) % slices.size()];
      for (;;) {
        const int64_t index = slice.next.fetch_add(1, std::memory_order_relaxed);
        if (index >= slice.end) break;
        (*task)(index, thread);
      }
    }
  }

  void work(int thread) {
    uint32_t finished = 0;  // the phase of the last run seen to its end
    for (;;) {
      uint32_t seen = wait_until(gate, [&](uint32_t value) {
        return (is_open(value) && phase_of(value) != finished) || stopping.load(std::memory_order_relaxed);
      });
      if (stopping.load(std::memory_order_relaxed)) return;
      if (!gate.compare_exchange_strong(seen, seen + 1, std::memory_order_acquire)) continue;
      finished = phase_of(seen);
      do_tasks(thread);
      const uint32_t left = gate.fetch_sub(1, std::memory_order_acq_rel) - 1;
      if (!is_open(left) && inside(left) == 0) gate.notify_all();
    }
  }
};

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>()) {
  const int most = std::clamp(threads, 1, kMostThreads);
  std::vector<Thread>& workers = state_->workers;
  workers.reserve(static_cast<size_t>(most) - 1);
  for (int thread = 1; thread < most; ++thread) {
    // Not by way of state_, which is null already while what it pointed to goes.
    Result<Thread> worker = Thread::start([state = state_.get(), thread] { state->work(thread); });
    if (!worker.ok()) break;
    workers.push_back(std::move(worker).value());
  }
  state_->slices = std::vector<State::Slice>(workers.size() + 1);  // workers look at them in a run only
}

ThreadPool::~ThreadPool() = default;

int ThreadPool::thread_count() const { return static_cast<int>(state_->slices.size()); }

void ThreadPool::run(int64_t count, const std::function<void(int64_t, int)>& task) {
  State& state = *state_;
  if (thread_count() == 1 || count <= 1) {
    for (int64_t index = 0; index < count; ++index) task(index, 0);
    return;
  }
  state.set_tasks(count, task);
  state.gate.fetch_add(kPhase, std::memory_order_release);
  state.gate.notify_all();
  state.do_tasks(0);
  state.gate.fetch_add(kPhase, std::memory_order_acq_rel);
  wait_until(state.gate, [](uint32_t value) { return inside(value) == 0; });
  state.thrown.rethrow();
}

int default_thread_count() {
  const std::vector<int> processors = allowed_processors();
  if (!processors.empty()) return usable_core_count(processors);
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace hearth
