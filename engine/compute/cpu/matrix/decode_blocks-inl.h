// Blocks of weights taken apart into 8-bit integers and f32 scales, in plain C++: what the integer kernels
// multiply with. Element i of a block is scales[i / group] * values[i] + biases[i / group], exactly what
// dequantize() gives up to rounding. Included once by each instruction set's kernels, to be compiled with its
// flags.
#include <cstdint>
#include <cstring>

#include "engine/compute/cpu/matrix/input_chunk.h"
#include "engine/format/block_type.h"
#include "engine/format/blocks.h"

namespace hearth::cpu {
namespace {

/// Where a block is taken apart to: one scale (and bias) per group.
struct Decoded {
  int8_t* values;
  float* scales;
  float* biases;
};

/// f16 to f32, exact, without a branch so that loops over scales vectorise.
inline float half_to_float(uint16_t half) {
  // As an f32 with the exponent field of the f16 it is 2^-112 too small (subnormals included); infinity and
  // NaN, which no scale of a sound model is, need the exponent filled.
  const uint32_t magnitude = static_cast<uint32_t>(half & 0x7FFFU) << 13;
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000U) << 16;
  float value;
  std::memcpy(&value, &magnitude, sizeof value);
  value *= 0x1p112F;
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bits |= sign | ((half & 0x7C00U) == 0x7C00U ? 0x7F800000U : 0U);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline uint32_t load_u32(const uint8_t* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

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
  const uint32_t high = load_u32(qh);
  for (int i = 0; i < 16; ++i) {
    values[i] = static_cast<int8_t>(((qs[i] & 0x0F) | ((high >> i & 1U) << 4)) - offset);
    values[i + 16] = static_cast<int8_t>(((qs[i] >> 4) | ((high >> (i + 16) & 1U) << 4)) - offset);
  }
}

inline void decode_levels(const uint8_t* qs, const int8_t (&levels)[16], int8_t* values) {
  for (int i = 0; i < 16; ++i) {
    values[i] = levels[qs[i] & 0x0F];
    values[i + 16] = levels[qs[i] >> 4];
  }
}

/// The sixteen uneven levels of IQ4_NL and IQ4_XS.
constexpr int8_t kIq4Levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
/// Twice the values of FP4 (E2M1): sign, two bits of exponent, one of fraction.
constexpr int8_t kFp4Levels[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

/// 2^(exponent - 128): half of the power that an E8M0 byte stands for, so that twice the FP4 values fit.
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
    to.scales[0] = half_to_float(block.d);
  }
};

template <>
struct Decoder<BlockType::kQ4_1> : Shape<BlockQ4_1, 32, 32, true> {
  static void decode(const Block& block, Decoded to) {
    decode_nibbles(block.qs, 0, to.values);
    to.scales[0] = half_to_float(block.d);
    to.biases[0] = half_to_float(block.m);
  }
};

template <>
struct Decoder<BlockType::kQ5_0> : Shape<BlockQ5_0, 32, 32, false> {
  static void decode(const Block& block, Decoded to) {
    decode_nibbles_and_fifth_bits(block.qs, block.qh, 16, to.values);
    to.scales[0] = half_to_float(block.d);
  }
};

template <>
struct Decoder<BlockType::kQ5_1> : Shape<BlockQ5_1, 32, 32, true> {
  static void decode(const Block& block, Decoded to) {
    decode_nibbles_and_fifth_bits(block.qs, block.qh, 0, to.values);
    to.scales[0] = half_to_float(block.d);
    to.biases[0] = half_to_float(block.m);
  }
};

template <>
struct Decoder<BlockType::kQ8_0> : Shape<BlockQ8_0, 32, 32, false> {
  static void decode(const Block& block, Decoded to) {
    std::memcpy(to.values, block.qs, 32);
    to.scales[0] = half_to_float(block.d);
  }
};

template <>
struct Decoder<BlockType::kQ8_1> : Shape<BlockQ8_1, 32, 32, false> {
  static void decode(const Block& block, Decoded to) {
    std::memcpy(to.values, block.qs, 32);
    to.scales[0] = half_to_float(block.d);
  }
};

template <>
struct Decoder<BlockType::kIQ4_NL> : Shape<BlockIQ4_NL, 32, 32, false> {
  static void decode(const Block& block, Decoded to) {
    decode_levels(block.qs, kIq4Levels, to.values);
    to.scales[0] = half_to_float(block.d);
  }
};

template <>
struct Decoder<BlockType::kMXFP4> : Shape<BlockMXFP4, 32, 32, false> {
  static void decode(const Block& block, Decoded to) {
    decode_levels(block.qs, kFp4Levels, to.values);
    to.scales[0] = half_power_of_two(block.e);
  }
};

// Super-blocks of 256.

template <>
struct Decoder<BlockType::kQ2_K> : Shape<BlockQ2_K, 256, 16, true> {
  static void decode(const Block& block, Decoded to) {
    for (int i = 0; i < 256; ++i) {
      // Each half of 128 elements has 32 bytes, whose bit pairs are elements 32 apart.
      to.values[i] = static_cast<int8_t>(block.qs[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3);
    }
    const float d = half_to_float(block.d);
    const float dmin = half_to_float(block.dmin);
    for (int j = 0; j < 16; ++j) {
      to.scales[j] = d * static_cast<float>(block.scales[j] & 0x0F);
      to.biases[j] = -dmin * static_cast<float>(block.scales[j] >> 4);
    }
  }
};

template <>
struct Decoder<BlockType::kQ3_K> : Shape<BlockQ3_K, 256, 16, false> {
  static void decode(const Block& block, Decoded to) {
    for (int i = 0; i < 256; ++i) {
      const int low = block.qs[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
      const int high = block.hmask[i % 32] >> (i / 32) & 1;
      to.values[i] = static_cast<int8_t>((low | high << 2) - 4);
    }
    const float d = half_to_float(block.d);
    for (int j = 0; j < 16; ++j) {
      // Sixteen 6-bit scales: low nibbles in bytes 0 to 7, high bit pairs in bytes 8 to 11.
      const int low = block.scales[j % 8] >> (j / 8 * 4) & 0x0F;
      const int high = block.scales[8 + j % 4] >> (j / 4 * 2) & 3;
      to.scales[j] = d * static_cast<float>((low | high << 4) - 32);
    }
  }
};

/// The eight 6-bit scales and minimums of Q4_K and Q5_K: the first four of each whole in bytes 0 to 7
/// (scales, then minimums), the low nibbles of the last four in bytes 8 to 11 with their high bits atop bytes
/// 0 to 7.
inline void decode_k_scales(const uint8_t* packed, float d, float dmin, Decoded to) {
  for (int j = 0; j < 4; ++j) {
    to.scales[j] = d * static_cast<float>(packed[j] & 63);
    to.biases[j] = -dmin * static_cast<float>(packed[j + 4] & 63);
    to.scales[j + 4] = d * static_cast<float>((packed[j + 8] & 0x0F) | (packed[j] >> 6 << 4));
    to.biases[j + 4] = -dmin * static_cast<float>((packed[j + 8] >> 4) | (packed[j + 4] >> 6 << 4));
  }
}

template <>
struct Decoder<BlockType::kQ4_K> : Shape<BlockQ4_K, 256, 32, true> {
  static void decode(const Block& block, Decoded to) {
    for (int i = 0; i < 256; ++i) {
      to.values[i] = static_cast<int8_t>(block.qs[i / 64 * 32 + i % 32] >> (i % 64 / 32 * 4) & 0x0F);
    }
    decode_k_scales(block.scales, half_to_float(block.d), half_to_float(block.dmin), to);
  }
};

template <>
struct Decoder<BlockType::kQ5_K> : Shape<BlockQ5_K, 256, 32, true> {
  static void decode(const Block& block, Decoded to) {
    for (int i = 0; i < 256; ++i) {
      const int low = block.qs[i / 64 * 32 + i % 32] >> (i % 64 / 32 * 4) & 0x0F;
      const int high = block.qh[i % 32] >> (i / 32) & 1;
      to.values[i] = static_cast<int8_t>(low | high << 4);
    }
    decode_k_scales(block.scales, half_to_float(block.d), half_to_float(block.dmin), to);
  }
};

template <>
struct Decoder<BlockType::kQ6_K> : Shape<BlockQ6_K, 256, 16, false> {
  static void decode(const Block& block, Decoded to) {
    for (int i = 0; i < 256; ++i) {
      // Each half of 128 elements: 64 bytes of nibbles, 32 bytes of bit pairs.
      const int low = block.ql[i / 128 * 64 + i % 64] >> (i % 128 / 64 * 4) & 0x0F;
      const int high = block.qh[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
      to.values[i] = static_cast<int8_t>((low | high << 4) - 32);
    }
    const float d = half_to_float(block.d);
    for (int j = 0; j < 16; ++j) to.scales[j] = d * static_cast<float>(block.scales[j]);
  }
};

template <>
struct Decoder<BlockType::kQ8_K> : Shape<BlockQ8_K, 256, 32, false> {
  static void decode(const Block& block, Decoded to) {
    std::memcpy(to.values, block.qs, 256);
    for (int j = 0; j < 8; ++j) to.scales[j] = block.d;
  }
};

template <>
struct Decoder<BlockType::kIQ4_XS> : Shape<BlockIQ4_XS, 256, 32, false> {
  static void decode(const Block& block, Decoded to) {
    const float d = half_to_float(block.d);
    const int scales_h = block.scales_h;
    for (int j = 0; j < 8; ++j) {
      decode_levels(block.qs + 16 * j, kIq4Levels, to.values + 32 * j);
      const int low = block.scales_l[j / 2] >> (j % 2 * 4) & 0x0F;
      const int high = scales_h >> (2 * j) & 3;
      to.scales[j] = d * static_cast<float>((low | high << 4) - 32);
    }
  }
};

template <>
struct Decoder<BlockType::kTQ2_0> : Shape<BlockTQ2_0, 256, 32, false> {
  static void decode(const Block& block, Decoded to) {
    for (int i = 0; i < 256; ++i) {
      to.values[i] = static_cast<int8_t>((block.qs[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3) - 1);
    }
    for (int j = 0; j < 8; ++j) to.scales[j] = half_to_float(block.d);
  }
};

template <>
struct Decoder<BlockType::kTQ1_0> : Shape<BlockTQ1_0, 256, 32, false> {
  static void decode(const Block& block, Decoded to) {
    // A byte holds base-3 digits as a fraction of 256: times 3^n the first n digits overflow away, and the
    // next one is the integer part of the rest times 3.
    const auto digit = [](uint8_t byte, int n) {
      constexpr int kPowers[5] = {1, 3, 9, 27, 81};
      const int rest = byte * kPowers[n] & 0xFF;
      return static_cast<int8_t>((rest * 3 >> 8) - 1);
    };
    for (int i = 0; i < 160; ++i) to.values[i] = digit(block.qs[i % 32], i / 32);
    for (int i = 0; i < 80; ++i) to.values[160 + i] = digit(block.qs[32 + i % 16], i / 16);
    for (int i = 0; i < 16; ++i) to.values[240 + i] = digit(block.qh[i % 4], i / 4);
    for (int j = 0; j < 8; ++j) to.scales[j] = half_to_float(block.d);
  }
};

/// One row's part of a chunk, taken apart.
struct alignas(64) DecodedChunk {
  int8_t values[kChunkColumns];
  float scales[kChunkGroups];
  float biases[kChunkGroups];
};

/// Takes apart the first `blocks` blocks of 32 columns of chunk `chunk` of a row.
template <BlockType type>
void decode_chunk(const std::byte* row, int64_t chunk, int blocks, DecodedChunk& to) {
  using D = Decoder<type>;
  const auto* stored = reinterpret_cast<const typename D::Block*>(row);
  if constexpr (D::kElements == kChunkColumns) {
    D::decode(stored[chunk], {to.values, to.scales, to.biases});
  } else {
    for (int b = 0; b < blocks; ++b) {
      D::decode(stored[chunk * kChunkBlocks + b],
                {to.values + b * kInputBlock, to.scales + b, to.biases + b});
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
