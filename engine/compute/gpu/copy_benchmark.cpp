// How fast a device copies its memory: what the speed of everything that only reads weights is measured by.
// Bytes per second count each byte twice, as it is read and written.
#include <benchmark/benchmark.h>

#include "engine/compute/devices.h"

namespace hearth {
namespace {

constexpr uint64_t kBytes = 512 << 20;
constexpr int kCopies = 20;  // of one step, so that submitting it counts for nothing

void copy(benchmark::State& state, const char* name) {
  const auto device = make_backend({.device = name});
  if (!device.ok()) return state.SkipWithError(device.error().message.c_str());
  const auto from = (*device)->allocate_zeroed(kBytes);
  const auto to = (*device)->allocate_zeroed(kBytes);
  if (!from.ok() || !to.ok() || !(*device)->wait().ok()) return state.SkipWithError("too little memory");
  for ([[maybe_unused]] const auto run : state) {
    for (int i = 0; i < kCopies; ++i) (*device)->copy(*from, *to, kBytes);
    if (!(*device)->wait().ok()) return state.SkipWithError("the device does not go on");
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kCopies * 2 * kBytes));
}

BENCHMARK_CAPTURE(copy, cuda, "cuda")->UseRealTime();
BENCHMARK_CAPTURE(copy, vulkan, "vulkan")->UseRealTime();

}  // namespace
}  // namespace hearth
