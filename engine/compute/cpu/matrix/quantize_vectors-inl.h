// What quantize_row-inl.h is made of, on vectors: what quantize_plain-inl.h says in plain C++. Included after
// an instruction set's vectors.
#include "engine/compute/cpu/matrix/input_chunk.h"

namespace hearth::cpu {
namespace {

constexpr int kBlockVectors = kInputBlock / kLanes;

inline uint32_t largest_magnitude(const float* x) {
  Ints magnitudes = zero_ints();
  for (int i = 0; i < kBlockVectors; ++i) {
    const Ints bits = bit_and(as_ints(load(x + i * kLanes)), splat_ints(0x7FFFFFFF));
    magnitudes = max_ints(magnitudes, bits);
  }
  return static_cast<uint32_t>(largest_lane(magnitudes));
}

inline void round_products(const float* x, float factor, int8_t* values, int32_t (&group_sums)[2]) {
  Ints rounded[kBlockVectors];
  for (int i = 0; i < kBlockVectors; ++i) {
    rounded[i] = round_to_ints(load(x + i * kLanes) * broadcast(factor));
  }
  store_as_bytes(values, rounded);
  for (int g = 0; g < 2; ++g) {
    constexpr int kGroupVectors = kBlockVectors / 2;
    Ints sum = rounded[g * kGroupVectors];
    for (int i = 1; i < kGroupVectors; ++i) sum = add(sum, rounded[g * kGroupVectors + i]);
    group_sums[g] = sum_lanes(sum);
  }
}

}  // namespace
}  // namespace hearth::cpu
