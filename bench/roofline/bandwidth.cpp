#include "bench/roofline/bandwidth.h"

#include <array>

#include "engine/compute/cpu/simd/unroll.h"

namespace hearth::bench {
namespace {

constexpr size_t kStreams = 4;
constexpr size_t kLine = 8;  // words in 64 bytes

/// Half a line, which need not begin at a multiple of its size.
using Half [[gnu::vector_size(32), gnu::aligned(8), gnu::may_alias]] = uint64_t;

struct Sums {
  Half low{};
  Half high{};
};

}  // namespace

uint64_t read_all(std::span<const uint64_t> words) {
  const size_t stream = words.size() / kStreams / kLine * kLine;
  std::array<Sums, kStreams> sums{};
  for (size_t i = 0; i < stream; i += kLine) {
    HEARTH_UNROLL for (size_t s = 0; s < kStreams; ++s) {
      const uint64_t* line = words.data() + s * stream + i;
      // A kilobyte ahead, across the 4 KiB boundaries at which hardware prefetchers stop.
      __builtin_prefetch(line + 128);
      const auto* halves = reinterpret_cast<const Half*>(line);
      sums[s].low ^= halves[0];
      sums[s].high ^= halves[1];
    }
  }
  uint64_t all = 0;
  for (const Sums& each : sums) {
    for (int i = 0; i < 4; ++i) all ^= each.low[i] ^ each.high[i];
  }
  return all;
}

}  // namespace hearth::bench
