// How fast this machine reads memory: the ceiling of decoding, which reads every weight once per token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace hearth::bench {

/// Reads all of `words` once, in four streams (the hardware prefetches each), and returns a value that
/// depends on all.
uint64_t read_all(std::span<const uint64_t> words);

}  // namespace hearth::bench
