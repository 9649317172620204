// Where the bits of one element lie in a super-block of 256: what decoding and encoding share.
//
// The layouts let a kernel take 32 bytes at a time and get 32 consecutive elements by one shift and one mask.
#pragma once

#include <cstdint>

namespace hearth {

/// Bits from `shift` on of byte `at`.
struct BitPlace {
  int at;
  int shift;
};

/// Two bits to an element: Q2_K, the low bits of Q3_K, the high bits of Q6_K, TQ2_0.
constexpr BitPlace two_bit_place(int element) {
  return {element / 128 * 32 + element % 32, element / 32 % 4 * 2};
}

/// Four bits to an element: Q4_K and the low bits of Q5_K.
constexpr BitPlace nibble_place(int element) {
  return {element / 64 * 32 + element % 32, element / 32 % 2 * 4};
}

/// Four bits to an element: the low bits of Q6_K, 64 bytes for each half of the block.
constexpr BitPlace q6_nibble_place(int element) {
  return {element / 128 * 64 + element % 64, element / 64 % 2 * 4};
}

/// One bit to an element: the high bit of Q3_K (hmask) and Q5_K.
constexpr BitPlace one_bit_place(int element) { return {element % 32, element / 32}; }

inline int get_bits(const uint8_t* bytes, BitPlace place, int mask) {
  return bytes[place.at] >> place.shift & mask;
}

/// The bits at `place` must still be 0.
inline void put_bits(uint8_t* bytes, BitPlace place, int value) {
  bytes[place.at] = static_cast<uint8_t>(bytes[place.at] | value << place.shift);
}

/// Scale and minimum of a sub-block of Q4_K or Q5_K, 6 bits each.
struct ScaleAndMinimum {
  int scale;
  int minimum;
};

// Twelve bytes hold eight scales and eight minima. Bytes 0..3 and 4..7 hold those of sub-blocks 0..3 in their
// low six bits; bytes 8..11 the low nibbles of sub-blocks 4..7, whose high two bits are on top of bytes 0..7.

inline ScaleAndMinimum get_scale_and_minimum(const uint8_t* scales, int sub_block) {
  if (sub_block < 4) return {scales[sub_block] & 63, scales[sub_block + 4] & 63};
  return {(scales[sub_block + 4] & 15) | (scales[sub_block - 4] >> 6 << 4),
          (scales[sub_block + 4] >> 4) | (scales[sub_block] >> 6 << 4)};
}

/// The twelve bytes must be 0 before the first call.
inline void put_scale_and_minimum(uint8_t* scales, int sub_block, ScaleAndMinimum value) {
  const int low = sub_block % 4;
  if (sub_block < 4) {
    put_bits(scales, {low, 0}, value.scale);
    put_bits(scales, {low + 4, 0}, value.minimum);
  } else {
    put_bits(scales, {low + 8, 0}, value.scale & 15);
    put_bits(scales, {low + 8, 4}, value.minimum & 15);
    put_bits(scales, {low, 6}, value.scale >> 4);
    put_bits(scales, {low + 4, 6}, value.minimum >> 4);
  }
}

// Q3_K's sixteen 6-bit scales: the low nibbles in bytes 0..7, first those of sub-blocks 0..7; the high two
// bits in bytes 8..11. They stand for -32..31.

inline int get_q3_scale(const uint8_t* scales, int sub_block) {
  const int low = get_bits(scales, {sub_block % 8, sub_block / 8 * 4}, 15);
  const int high = get_bits(scales, {8 + sub_block % 4, sub_block / 4 * 2}, 3);
  return (low | high << 4) - 32;
}

/// The twelve bytes must be 0 before the first call.
inline void put_q3_scale(uint8_t* scales, int sub_block, int scale) {
  const int stored = scale + 32;
  put_bits(scales, {sub_block % 8, sub_block / 8 * 4}, stored & 15);
  put_bits(scales, {8 + sub_block % 4, sub_block / 4 * 2}, stored >> 4);
}

// IQ4_XS's eight 6-bit scales: low nibbles two to a byte, high bits two by two in 16 bits. They stand for
// -32..31.

inline int get_iq4_xs_scale(const uint8_t* scales_l, uint16_t scales_h, int sub_block) {
  const int low = get_bits(scales_l, {sub_block / 2, sub_block % 2 * 4}, 15);
  return (low | (scales_h >> 2 * sub_block & 3) << 4) - 32;
}

/// Returns `scales_h` with the sub-block's bits added; they and those in `scales_l` must still be 0.
inline uint16_t put_iq4_xs_scale(uint8_t* scales_l, uint16_t scales_h, int sub_block, int scale) {
  const int stored = scale + 32;
  put_bits(scales_l, {sub_block / 2, sub_block % 2 * 4}, stored & 15);
  return static_cast<uint16_t>(scales_h | stored >> 4 << 2 * sub_block);
}

}  // namespace hearth
