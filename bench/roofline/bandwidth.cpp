#include "bench/roofline/bandwidth.h"

#include <array>

#include "engine/compute/cpu/simd/unroll.h"

namespace hearth::bench {
namespace {

constexpr size_t kLine = 8;  // words in 64 bytes

/// Half a line, which need not begin at a multiple of its size.
using Half [[gnu::vector_size(32), gnu::aligned(8), gnu::may_alias]] = uint64_t;

struct Sums {
  Half low{};
  Half high{};
};

template <size_t streams, bool prefetches>
uint64_t read_streams(std::span<const uint64_t> words) {
  const size_t stream = words.size() / streams / kLine * kLine;
  std::array<Sums, streams> sums{};
  for (size_t i = 0; i < stream; i += kLine) {
    HEARTH_UNROLL for (size_t s = 0; s < streams; ++s) {
      const uint64_t* line = words.data() + s * stream + i;
      // A kilobyte ahead, across the 4 KiB boundaries at which hardware prefetchers stop.
      if constexpr (prefetches) __builtin_prefetch(line + 128);
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

}  // namespace

uint64_t read_four_streams(std::span<const uint64_t> words) { return read_streams<4, true>(words); }
uint64_t read_eight_streams(std::span<const uint64_t> words) { return read_streams<8, false>(words); }

}  // namespace hearth::bench
