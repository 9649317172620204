#include "engine/compute/cuda/host/threads.h"

#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

namespace hearth::cuda::host {
namespace {

/// Of a thread: kernels keep their large arrays in shared memory.
constexpr size_t kStackBytes = 64 * 1024;

/// A thread, whose stack stays for the same one of all groups. Contexts begin it; later it is gone to and
/// left by jumps, which ask nothing of the system.
struct Fibre {
  enum class State { kRuns, kWaitsForWarp, kWaitsForGroup, kDone };

  ucontext_t beginning{};
  jmp_buf place{};  // where it waits
  bool begun = false;
  std::unique_ptr<std::byte[]> stack = std::make_unique<std::byte[]>(kStackBytes);
  State state = State::kDone;
  uint32_t exchanges = 0;
};

/// A group that runs together.
class Group {
 public:
  void run(uint32_t threads, void (*body)(const void*), const void* closure);
  void wait(Fibre::State state);
  uint32_t from_lane(uint32_t value, uint32_t lane);

 private:
  static void begin_fibre();
  void resume(uint32_t thread);
  bool release_waiting();

  std::vector<std::unique_ptr<Fibre>> fibres_;
  std::vector<std::array<std::array<uint32_t, kWarpThreads>, 2>> exchanged_;  // of each warp, by turns
  uint32_t threads_ = 0;
  jmp_buf scheduler_{};
  void (*body_)(const void*) = nullptr;
  const void* closure_ = nullptr;
};

thread_local Place current_place;
thread_local Group current_group;
thread_local std::vector<std::unique_ptr<std::byte[]>> current_shared;

/// One group's thread after the other.
void Group::begin_fibre() {
  while (true) {
    current_group.body_(current_group.closure_);
    current_group.wait(Fibre::State::kDone);
  }
}

void Group::resume(uint32_t thread) {
  current_place.thread = thread;
  if (_setjmp(scheduler_) != 0) return;
  Fibre& fibre = *fibres_[thread];
  if (fibre.begun) _longjmp(fibre.place, 1);
  fibre.begun = true;
  setcontext(&fibre.beginning);
}

void Group::wait(Fibre::State state) {
  Fibre& fibre = *fibres_[current_place.thread];
  fibre.state = state;
  if (_setjmp(fibre.place) == 0) _longjmp(scheduler_, 1);
}

uint32_t Group::from_lane(uint32_t value, uint32_t lane) {
  const uint32_t thread = current_place.thread;
  // While some read what was exchanged, others may be at the next exchange, but none at the one behind it.
  auto& exchanged = exchanged_[thread / kWarpThreads][fibres_[thread]->exchanges++ % 2];
  exchanged[thread % kWarpThreads] = value;
  wait(Fibre::State::kWaitsForWarp);
  return exchanged[lane % kWarpThreads];
}

/// Lets those go on for whom all have come; false where there are none.
bool Group::release_waiting() {
  const auto release = [this](uint32_t first, uint32_t end, Fibre::State state) {
    bool all = true;
    bool any = false;
    for (uint32_t i = first; i < end; ++i) {
      all = all && (fibres_[i]->state == state || fibres_[i]->state == Fibre::State::kDone);
      any = any || fibres_[i]->state == state;
    }
    if (!all || !any) return false;
    for (uint32_t i = first; i < end; ++i) {
      if (fibres_[i]->state == state) fibres_[i]->state = Fibre::State::kRuns;
    }
    return true;
  };
  bool released = release(0, threads_, Fibre::State::kWaitsForGroup);
  for (uint32_t first = 0; first < threads_; first += kWarpThreads) {
    released |= release(first, std::min(threads_, first + kWarpThreads), Fibre::State::kWaitsForWarp);
  }
  return released;
}

void Group::run(uint32_t threads, void (*body)(const void*), const void* closure) {
  threads_ = threads;
  body_ = body;
  closure_ = closure;
  exchanged_.resize((threads + kWarpThreads - 1) / kWarpThreads);
  while (fibres_.size() < threads) {
    ucontext_t& beginning = fibres_.emplace_back(std::make_unique<Fibre>())->beginning;
    getcontext(&beginning);
    beginning.uc_stack.ss_sp = fibres_.back()->stack.get();
    beginning.uc_stack.ss_size = kStackBytes;
    beginning.uc_link = nullptr;
    makecontext(&beginning, &Group::begin_fibre, 0);
  }
  for (uint32_t i = 0; i < threads; ++i) {
    fibres_[i]->state = Fibre::State::kRuns;
    fibres_[i]->exchanges = 0;
  }
  const auto is_done = [](const auto& fibre) { return fibre->state == Fibre::State::kDone; };
  do {
    for (uint32_t i = 0; i < threads; ++i) {
      if (fibres_[i]->state == Fibre::State::kRuns) resume(i);
    }
  } while (release_waiting());
  if (std::all_of(fibres_.begin(), fibres_.begin() + threads, is_done)) return;
  std::fputs("a kernel's threads wait at different places\n", stderr);
  std::abort();
}

}  // namespace

Place& place() { return current_place; }

void begin_group(std::array<uint32_t, 3> group, std::array<uint32_t, 3> groups) {
  current_place = {0, group, groups};
  current_shared.clear();
}

void* shared_memory(size_t bytes) {
  current_shared.push_back(std::make_unique<std::byte[]>(bytes));
  std::memset(current_shared.back().get(), kPoison, bytes);
  return current_shared.back().get();
}

void run_together(uint32_t threads, void (*body)(const void* closure), const void* closure) {
  current_group.run(threads, body, closure);
}

void wait_for_group() { current_group.wait(Fibre::State::kWaitsForGroup); }

uint32_t from_lane(uint32_t value, uint32_t lane) { return current_group.from_lane(value, lane); }

}  // namespace hearth::cuda::host
