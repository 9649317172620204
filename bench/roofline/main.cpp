// Measures the limits of this machine with plain loops and prints them as JSON: sustained read bandwidth and
// peak arithmetic, with 1 thread and with as many as asked for. Medians of several passes.
//
//   hearth_roofline [THREADS] [MIB_TO_READ]
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
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
  std::vector<double> passes;
  for (int i = 0; i < kPasses; ++i) passes.push_back(amount / seconds_of(work));
  std::sort(passes.begin(), passes.end());
  return {{"min", passes.front()}, {"median", passes[kPasses / 2]}, {"max", passes.back()}};
}

nlohmann::ordered_json bandwidth(int threads, const std::vector<uint64_t>& memory) {
  const size_t share = memory.size() / static_cast<size_t>(threads);
  std::vector<uint64_t> results(static_cast<size_t>(threads));
  auto measured =
      rates(static_cast<double>(share * static_cast<size_t>(threads) * sizeof(uint64_t)) / 1e9, [&] {
        on_threads(threads, [&](int i) {
          results[static_cast<size_t>(i)] =
              hearth::bench::read_all({memory.data() + static_cast<size_t>(i) * share, share});
        });
      });
  uint64_t all = 0;
  for (const uint64_t result : results) all ^= result;
  if (all == 0x6865617274680000U) std::cerr << '\n';  // the sums are used: the loops cannot be dropped
  return measured;
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

int main(int argc, char** argv) {
  const int most =
      argc > 1 ? std::max(1, std::atoi(argv[1])) : static_cast<int>(std::thread::hardware_concurrency());
  const int mebibytes = argc > 2 ? std::max(64, std::atoi(argv[2])) : 1024;
  std::vector<uint64_t> memory(static_cast<size_t>(mebibytes) << 17);
  for (size_t i = 0; i < memory.size(); ++i) memory[i] = i * 0x9E3779B97F4A7C15U;

  nlohmann::ordered_json report;
  for (int threads = 1; threads <= most; threads = threads == most ? most + 1 : most) {
    nlohmann::ordered_json limits{{"threads", threads}, {"read_GB_per_s", bandwidth(threads, memory)}};
    for (const auto& loop : hearth::bench::peak_loops()) {
      limits[std::string(loop.name) + " Gop/s"] = peak(loop, threads);
    }
    report["limits"].push_back(limits);
  }
  std::cout << report.dump(2) << '\n';
}
