// The codebooks of the IQ types: points of a lattice to which groups of 4 or 8 weights are rounded.
//
// A grid entry holds one value to a byte, the first in the lowest byte, so that a kernel can load it at once.
// The contents are facts of the format, found by ggml's authors by search over trained weights; no rule gives
// them.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace hearth {

/// Magnitudes 8, 25 and 43; signs are stored apart.
extern const std::array<uint64_t, 256> kIq2XxsGrid;
extern const std::array<uint64_t, 512> kIq2XsGrid;
extern const std::array<uint64_t, 1024> kIq2SGrid;
/// Magnitudes 4, 12, 20, 28, 36, 44, 52 and 62; signs are stored apart.
extern const std::array<uint32_t, 256> kIq3XxsGrid;
/// Magnitudes 1, 3, ..., 15; signs are stored apart.
extern const std::array<uint32_t, 512> kIq3SGrid;
/// Values -1, 0 and 1 as int8_t, of IQ1_S and IQ1_M.
extern const std::array<uint64_t, 2048> kIq1Grid;

/// IQ1_S and IQ1_M move a whole group of eight by this much up or down.
inline constexpr float kIq1Delta = 0.125F;

/// The levels of IQ4_NL and IQ4_XS.
inline constexpr std::array<int8_t, 16> kIq4Levels = {-127, -104, -83, -65, -49, -35, -22, -10,
                                                      1,    13,   25,  38,  53,  69,  89,  113};

/// Twice the sixteen FP4 (E2M1) values of MXFP4: whole numbers.
inline constexpr std::array<int8_t, 16> kFp4Doubled = {0, 1,  2,  3,  4,  6,  8,  12,
                                                       0, -1, -2, -3, -4, -6, -8, -12};

/// Where eight signs are stored in seven bits, the eighth makes the number of minus signs even: bit j of the
/// result is set where element j is negative.
constexpr uint8_t signs_with_even_parity(uint32_t seven_bits) {
  const uint32_t odd = static_cast<uint32_t>(std::popcount(seven_bits)) & 1U;
  return static_cast<uint8_t>(seven_bits | odd << 7);
}

}  // namespace hearth
