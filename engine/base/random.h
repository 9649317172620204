// Random numbers for sampling and for random weights: the same on every platform for the same seed, which the
// standard library's distributions are not.
#pragma once

#include <cstdint>

namespace hearth {

/// SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators"): one word of
/// state, equidistributed, and good from the first draw on whatever the seed, small ones included.
class RandomStream {
 public:
  explicit RandomStream(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31);
  }

  /// Uniform in [0, 1): the 53 bits that a double holds.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  uint64_t state_;
};

}  // namespace hearth
