#include "bench/roofline/bandwidth.h"

#include <array>

namespace hearth::bench {

uint64_t read_all(std::span<const uint64_t> words) {
  constexpr size_t kStreams = 4;
  constexpr size_t kLine = 8;  // words in 64 bytes
  const size_t stream = words.size() / kStreams / kLine * kLine;
  std::array<std::array<uint64_t, kLine>, kStreams> sums{};
  for (size_t i = 0; i < stream; i += kLine) {
    for (size_t s = 0; s < kStreams; ++s) {
      const uint64_t* line = words.data() + s * stream + i;
      // A kilobyte ahead, across the 4 KiB boundaries at which hardware prefetchers stop.
      __builtin_prefetch(line + 128);
      for (size_t j = 0; j < kLine; ++j) sums[s][j] ^= line[j];
    }
  }
  uint64_t all = 0;
  for (const auto& each : sums) {
    for (const uint64_t sum : each) all ^= sum;
  }
  return all;
}

}  // namespace hearth::bench
