// What kernels stand on where a host plays them (engine/compute/cuda/host): threads of a group are fibres,
// which wait for each other as those of a GPU do. Compiled by clang, as it knows vectors of parts (x.zw).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#define HEARTH_INLINE __attribute__((always_inline))
#define HEARTH_FUNCTION_OF_KERNEL [[maybe_unused]] static inline
#define HEARTH_FUNCTION_OF_CLASS HEARTH_INLINE
#define HEARTH_FUNCTION [[maybe_unused]] static inline HEARTH_INLINE

#include "engine/base/half.h"
#include "engine/compute/cuda/host/threads.h"
#include "engine/compute/cuda/language/vectors.h"

namespace hearth {

constexpr uint kWarpThreads = cuda::host::kWarpThreads;

HEARTH_FUNCTION uint thread() { return cuda::host::place().thread; }
HEARTH_FUNCTION metal::uint3 group() {
  const auto& at = cuda::host::place().group;
  return {at[0], at[1], at[2]};
}
HEARTH_FUNCTION metal::uint3 groups() {
  const auto& count = cuda::host::place().groups;
  return {count[0], count[1], count[2]};
}

HEARTH_FUNCTION void wait_for_group() { cuda::host::wait_for_group(); }
HEARTH_FUNCTION uint from_lane(uint value, uint lane) { return cuda::host::from_lane(value, lane); }

template <typename Shared>
Shared& shared_by_group() {
  return *static_cast<Shared*>(cuda::host::shared_memory(sizeof(Shared)));
}

template <typename Body>
void run_together(uint threads, const Body& body) {
  cuda::host::run_together(
      threads, [](const void* of_thread) { (*static_cast<const Body*>(of_thread))(); }, &body);
}
template <typename Body>
void run_in_turn(uint threads, const Body& body) {
  for (cuda::host::place().thread = 0; cuda::host::place().thread < threads; ++cuda::host::place().thread)
    body();
}

HEARTH_FUNCTION float float_of_half(unsigned short bits) { return f16_to_f32(bits); }
HEARTH_FUNCTION unsigned short half_of_float(float value) { return f32_to_f16(value); }

HEARTH_FUNCTION int dot_of_signed(uint a, uint b) {
  int sum = 0;
  for (uint shift = 0; shift < 32; shift += 8) {
    sum += static_cast<int>(static_cast<int8_t>(a >> shift)) * static_cast<int8_t>(b >> shift);
  }
  return sum;
}
HEARTH_FUNCTION uint dot_of_unsigned(uint a, uint b) {
  uint sum = 0;
  for (uint shift = 0; shift < 32; shift += 8) sum += (a >> shift & 0xFF) * (b >> shift & 0xFF);
  return sum;
}

/// What `products_of_warp` of device.h is, of words that lanes give each other.
HEARTH_FUNCTION metal::int4 products_of_warp(metal::uint4 a, metal::uint2 b) {
  const uint lane = thread() % kWarpThreads;
  metal::int4 sums{};
  for (uint word = 0; word < 4; ++word) {
    // Of lanes' words and the four behind them: those of rows of a, and of two rows of b.
    const uint of_a = lane / 4 * 4 + word;
    for (uint half = 0; half < 2; ++half) {
      const uint upper = from_lane(a[2 * half], of_a);
      const uint lower = from_lane(a[2 * half + 1], of_a);
      for (uint column = 0; column < 2; ++column) {
        const uint by = from_lane(b[half], (2 * (lane % 4) + column) * 4 + word);
        sums[column] += dot_of_signed(upper, by);
        sums[2 + column] += dot_of_signed(lower, by);
      }
    }
  }
  return sums;
}

}  // namespace hearth

#include "engine/compute/cuda/language/functions.h"
