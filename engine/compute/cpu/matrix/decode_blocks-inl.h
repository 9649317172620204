// Blocks of weights taken apart into 8-bit integers and f32 scales, in plain C++: what the integer kernels
// multiply with. Element i of a block is scales[i / group] * values[i] + biases[i / group], exactly what
// dequantize() gives up to rounding. Included once by each instruction set's kernels, to be compiled with its
// flags.
#include <cstdint>
#include <cstring>

#include "engine/base/half.h"
#include "engine/compute/cpu/matrix/input_chunk.h"
#include "engine/format/bit_layout.h"
#include "engine/format/block_type.h"
#include "engine/format/blocks.h"
#include "engine/format/iq_grids.h"

namespace hearth::cpu {
namespace {

/// Where a block is taken apart to: one scale (and bias) per group.
struct Decoded {
  int8_t* values;
  float* scales;
  float* biases;
};

/// The shape of a type: its stored block, how many elements that has, how many share a scale, and whether
/// they have a bias.
template <class StoredBlock, int elements, int group, bool bias>
struct Shape {
  using Block = StoredBlock;
  static constexpr int kElements = elements;
  static constexpr int kGroup = group;
  static constexpr bool kBias = bias;
};

template <BlockType type>
struct Decoder;

// Blocks of 32: the low nibbles are elements 0 to 15, the high ones 16 to 31.

inline void decode_nibbles(const uint8_t* qs, int offset, int8_t* values) {
  for (int i = 0; i < 16; ++i) {
    values[i] = static_cast<int8_t>((qs[i] & 0x0F) - offset);
    values[i + 16] = static_cast<int8_t>((qs[i] >> 4) - offset);
  }
}

inline void decode_nibbles_and_fifth_bits(const uint8_t* qs, const uint8_t* qh, int offset, int8_t* values) {
  for (int i = 0; i < 16; ++i) {
    const int low_fifth = qh[i / 8] >> i % 8 & 1;
    const int high_fifth = qh[2 + i / 8] >> i % 8 & 1;
    values[i] = static_cast<int8_t>(((qs[i] & 0x0F) | low_fifth << 4) - offset);
    values[i + 16] = static_cast<int8_t>(((qs[i] >> 4) | high_fifth << 4) - offset);
  }
}

inline void decode_levels(const uint8_t* qs, const int8_t* levels, int8_t* values) {
  for (int i = 0; i < 16; ++i) {
    values[i] = levels[qs[i] & 0x0F];
    values[i + 16] = levels[qs[i] >> 4];
  }
}

/// 2^(exponent - 128): half of the power that an E8M0 byte stands for, as kFp4Doubled are twice the values.
inline float half_power_of_two(uint8_t exponent) {
  // 2^-128 and 2^-127 are subnormal.
  const uint32_t bits = exponent < 2 ? 0x00200000U << exponent : static_cast<uint32_t>(exponent - 1) << 23;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <>
struct Decoder<BlockType::kQ4_0> : Shape<BlockQ4_0, 32, 32, false> {
  static void decode(const Block& block, Decoded to) {
    decode_nibbles(block.qs, 8, to.values);
    to.scales[0] = f16_to_f32(block.d);
  }
};

template <>
struct Decoder<BlockType::kQ4_1> : Shape<BlockQ4_1, 32, 32, true> {
  static void decode(const Block& block, Decoded to) {
    decode_nibbles(block.qs, 0, to.values);
    to.scales[0] = f16_to_f32(block.d);
    to.biases[0] = f16_to_f32(block.m);
  }
};

template <>
struct Decoder<BlockType::kQ5_0> : Shape<BlockQ5_0, 32, 32, false> {
  static void decode(const Block& block, Decoded to) {
    decode_nibbles_and_fifth_bits(block.qs, block.qh, 16, to.values);
    to.scales[0] = f16_to_f32(block.d);
  }
};

template <>
struct Decoder<BlockType::kQ5_1> : Shape<BlockQ5_1, 32, 32, true> {
  static void decode(const Block& block, Decoded to) {
    decode_nibbles_and_fifth_bits(block.qs, block.qh, 0, to.values);
    to.scales[0] = f16_to_f32(block.d);
    to.biases[0] = f16_to_f32(block.m);
  }
};

template <>
struct Decoder<BlockType::kQ8_0> : Shape<BlockQ8_0, 32, 32, false> {
  static void decode(const Block& block, Decoded to) {
    std::memcpy(to.values, block.qs, 32);
    to.scales[0] = f16_to_f32(block.d);
  }
};

template <>
struct Decoder<BlockType::kQ8_1> : Shape<BlockQ8_1, 32, 32, false> {
  static void decode(const Block& block, Decoded to) {
    std::memcpy(to.values, block.qs, 32);
    to.scales[0] = f16_to_f32(block.d);
  }
};

template <>
struct Decoder<BlockType::kIQ4_NL> : Shape<BlockIQ4_NL, 32, 32, false> {
  static void decode(const Block& block, Decoded to) {
    decode_levels(block.qs, kIq4Levels.data(), to.values);
    to.scales[0] = f16_to_f32(block.d);
  }
};

template <>
struct Decoder<BlockType::kMXFP4> : Shape<BlockMXFP4, 32, 32, false> {
  static void decode(const Block& block, Decoded to) {
    decode_levels(block.qs, kFp4Doubled.data(), to.values);
    to.scales[0] = half_power_of_two(block.e);
  }
};

// Super-blocks of 256.

/// The bits of a super-block's elements, 32 at a time: each 32 lie in as many bytes, at one shift.
inline void decode_bits(const uint8_t* bytes, BitPlace (*place_of)(int), int mask, int8_t* values) {
  for (int first = 0; first < 256; first += 32) {
    const BitPlace place = place_of(first);
    for (int i = 0; i < 32; ++i) {
      values[first + i] = static_cast<int8_t>(bytes[place.at + i] >> place.shift & mask);
    }
  }
}

/// values = (values | high bits << shift) - offset.
inline void add_high_bits(const uint8_t* bytes, BitPlace (*place_of)(int), int mask, int shift, int offset,
                          int8_t* values) {
  for (int first = 0; first < 256; first += 32) {
    const BitPlace place = place_of(first);
    for (int i = 0; i < 32; ++i) {
      const int high = bytes[place.at + i] >> place.shift & mask;
      values[first + i] = static_cast<int8_t>((values[first + i] | high << shift) - offset);
    }
  }
}

template <>
struct Decoder<BlockType::kQ2_K> : Shape<BlockQ2_K, 256, 16, true> {
  static void decode(const Block& block, Decoded to) {
    decode_bits(block.qs, two_bit_place, 3, to.values);
    const float d = f16_to_f32(block.d);
    const float dmin = f16_to_f32(block.dmin);
    for (int j = 0; j < 16; ++j) {
      to.scales[j] = d * static_cast<float>(block.scales[j] & 0x0F);
      to.biases[j] = -dmin * static_cast<float>(block.scales[j] >> 4);
    }
  }
};

template <>
struct Decoder<BlockType::kQ3_K> : Shape<BlockQ3_K, 256, 16, false> {
  static void decode(const Block& block, Decoded to) {
    decode_bits(block.qs, two_bit_place, 3, to.values);
    add_high_bits(block.hmask, one_bit_place, 1, 2, 4, to.values);
    const float d = f16_to_f32(block.d);
    for (int j = 0; j < 16; ++j) to.scales[j] = d * static_cast<float>(get_q3_scale(block.scales, j));
  }
};

inline void decode_k_scales(const uint8_t* packed, float d, float dmin, Decoded to) {
  for (int j = 0; j < 8; ++j) {
    const ScaleAndMinimum pair = get_scale_and_minimum(packed, j);
    to.scales[j] = d * static_cast<float>(pair.scale);
    to.biases[j] = -dmin * static_cast<float>(pair.minimum);
  }
}

template <>
struct Decoder<BlockType::kQ4_K> : Shape<BlockQ4_K, 256, 32, true> {
  static void decode(const Block& block, Decoded to) {
    decode_bits(block.qs, nibble_place, 15, to.values);
    decode_k_scales(block.scales, f16_to_f32(block.d), f16_to_f32(block.dmin), to);
  }
};

template <>
struct Decoder<BlockType::kQ5_K> : Shape<BlockQ5_K, 256, 32, true> {
  static void decode(const Block& block, Decoded to) {
    decode_bits(block.qs, nibble_place, 15, to.values);
    add_high_bits(block.qh, one_bit_place, 1, 4, 0, to.values);
    decode_k_scales(block.scales, f16_to_f32(block.d), f16_to_f32(block.dmin), to);
  }
};

template <>
struct Decoder<BlockType::kQ6_K> : Shape<BlockQ6_K, 256, 16, false> {
  static void decode(const Block& block, Decoded to) {
    decode_bits(block.ql, q6_nibble_place, 15, to.values);
    add_high_bits(block.qh, two_bit_place, 3, 4, 32, to.values);
    const float d = f16_to_f32(block.d);
    for (int j = 0; j < 16; ++j) to.scales[j] = d * static_cast<float>(block.scales[j]);
  }
};

template <>
struct Decoder<BlockType::kQ8_K> : Shape<BlockQ8_K, 256, 32, false> {
  static void decode(const Block& block, Decoded to) {
    std::memcpy(to.values, block.qs, 256);
    // The only scale that is an f32 in the file. Of its 24 bits kShift leaves 22 (panel_product-inl.h).
    const float rounded = block.d * 0x1.0p2F + block.d;
    for (int j = 0; j < 8; ++j) to.scales[j] = rounded - block.d * 0x1.0p2F;
  }
};

template <>
struct Decoder<BlockType::kTQ2_0> : Shape<BlockTQ2_0, 256, 32, false> {
  static void decode(const Block& block, Decoded to) {
    decode_bits(block.qs, two_bit_place, 3, to.values);
    for (int i = 0; i < 256; ++i) --to.values[i];
    for (int j = 0; j < 8; ++j) to.scales[j] = f16_to_f32(block.d);
  }
};

template <>
struct Decoder<BlockType::kTQ1_0> : Shape<BlockTQ1_0, 256, 32, false> {
  /// The first `digits` base-3 digits of each byte, all first ones first. A byte holds them as a fraction of
  /// 256: times 3^n the first n overflow away, and the next is the integer part of the rest times 3.
  static void decode_digits(const uint8_t* bytes, int count, int digits, int8_t* values) {
    int power = 1;
    for (int n = 0; n < digits; ++n, power *= 3, values += count) {
      for (int i = 0; i < count; ++i) {
        const auto rest = static_cast<uint8_t>(bytes[i] * power);
        values[i] = static_cast<int8_t>((rest * 3 >> 8) - 1);
      }
    }
  }
  static void decode(const Block& block, Decoded to) {
    decode_digits(block.qs, 32, 5, to.values);
    decode_digits(block.qs + 32, 16, 5, to.values + 160);
    decode_digits(block.qh, 4, 4, to.values + 240);
    for (int j = 0; j < 8; ++j) to.scales[j] = f16_to_f32(block.d);
  }
};

}  // namespace
}  // namespace hearth::cpu
