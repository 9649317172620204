// How fast this machine reads memory: the ceiling of decoding, which reads every weight once per token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace hearth::bench {

/// Read all of `words` once and return a value that depends on all: in four streams, each asked for a
/// kilobyte ahead, and in eight that the hardware alone prefetches. Which is faster depends on the machine.
uint64_t read_four_streams(std::span<const uint64_t> words);
uint64_t read_eight_streams(std::span<const uint64_t> words);

}  // namespace hearth::bench
