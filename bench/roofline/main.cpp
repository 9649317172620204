// Measures the limits of this machine with plain loops and prints them as JSON: sustained read bandwidth and
// peak arithmetic, with each number of threads asked for (1 and all cores by default). Medians of several
// passes.
//
//   hearth_roofline [MIB_TO_READ [THREADS...]]
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <span>
#include <thread>
#include <vector>

#include "bench/roofline/bandwidth.h"
#include "bench/roofline/peak.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kPasses = 7;

double seconds_of(const std::function<void()>& work) {
  const auto begin = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void on_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 1; i < count; ++i) threads.emplace_back(work, i);
  work(0);
  for (auto& thread : threads) thread.join();
}

/// {"min", "median", "max"} of kPasses rates.
nlohmann::ordered_json rates(double amount, const std::function<void()>& work) {
  work();
  std::array<double, kPasses> passes;
  for (double& pass : passes) pass = amount / seconds_of(work);
  std::sort(passes.begin(), passes.end());
  return {{"min", passes.front()}, {"median", passes[kPasses / 2]}, {"max", passes.back()}};
}

/// That many bytes, in huge pages where the system has them: the limit is to be the memory's, not that of
/// translating addresses. Never given back; empty if there are not so many.
std::span<uint64_t> filled_memory(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return {};
  madvise(memory, bytes, MADV_HUGEPAGE);
  const std::span<uint64_t> words{static_cast<uint64_t*>(memory), bytes / sizeof(uint64_t)};
  for (size_t i = 0; i < words.size(); ++i) words[i] = i * 0x9E3779B97F4A7C15U;
  return words;
}

nlohmann::ordered_json bandwidth(int threads, std::span<const uint64_t> memory,
                                 uint64_t (*read)(std::span<const uint64_t>)) {
  const size_t share = memory.size() / static_cast<size_t>(threads);
  std::vector<uint64_t> results(static_cast<size_t>(threads));
  auto measured =
      rates(static_cast<double>(share * static_cast<size_t>(threads) * sizeof(uint64_t)) / 1e9, [&] {
        on_threads(threads, [&](int i) {
          results[static_cast<size_t>(i)] = read({memory.data() + static_cast<size_t>(i) * share, share});
        });
      });
  uint64_t all = 0;
  for (const uint64_t result : results) all ^= result;
  if (all == 0x6865617274680000U) std::cerr << '\n';  // the sums are used: the loops cannot be dropped
  return measured;
}

/// That of the faster way to read.
nlohmann::ordered_json best_bandwidth(int threads, std::span<const uint64_t> memory) {
  auto four = bandwidth(threads, memory, hearth::bench::read_four_streams);
  auto eight = bandwidth(threads, memory, hearth::bench::read_eight_streams);
  return four["median"] > eight["median"] ? four : eight;
}

nlohmann::ordered_json peak(const hearth::bench::PeakLoop& loop, int threads) {
  // About 50 ms a pass, long enough for the clock to settle.
  constexpr uint64_t kTrial = 1U << 16;
  const double trial = seconds_of([&] { loop.run(kTrial); });
  const auto rounds = static_cast<uint64_t>(kTrial * std::max(1.0, 0.05 / trial));
  return rates(static_cast<double>(rounds) * loop.operations_per_round * threads / 1e9,
               [&] { on_threads(threads, [&](int) { loop.run(rounds); }); });
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown ends a benchmark.
int main(int argc, char** argv) {
  const auto argument = [&](int index) { return std::atoi(argv[index]); };
  const int mebibytes = argc > 1 ? std::max(64, argument(1)) : 1024;
  std::vector<int> thread_counts;
  for (int i = 2; i < argc; ++i) thread_counts.push_back(std::max(1, argument(i)));
  if (thread_counts.empty()) thread_counts = {1, static_cast<int>(std::thread::hardware_concurrency())};
  const std::span<const uint64_t> memory = filled_memory(static_cast<size_t>(mebibytes) << 20U);
  if (memory.empty()) {
    std::cerr << "there are no " << mebibytes << " MiB of memory to read: ask for fewer\n";
    return 1;
  }
  nlohmann::ordered_json report;
  for (const int threads : thread_counts) {
    nlohmann::ordered_json limits{{"threads", threads}, {"read_GB_per_s", best_bandwidth(threads, memory)}};
    for (const auto& loop : hearth::bench::peak_loops()) {
      limits[std::string(loop.name) + " Gop/s"] = peak(loop, threads);
    }
    report["limits"].push_back(limits);
  }
  std::cout << report.dump(2) << '\n';
}
