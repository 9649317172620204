// Blocks of 32 with one scale. Of two elements that share a byte, the first half of the block has the low
// nibble.
#include <bit>

#include "engine/base/half.h"
#include "engine/format/block_coding.h"
#include "engine/format/iq_grids.h"

namespace hearth {
namespace {

// Bit i of qh, as the fifth bit of element i.
int fifth_bit(const uint8_t* qh, int i) { return (qh[i / 8] >> (i % 8) & 1) << 4; }

// 2^(exponent - 128): half of the E8M0 scale 2^(exponent - 127), to go with doubled levels. The two smallest
// are subnormal, 2^-128 and 2^-127.
float half_e8m0(uint8_t exponent) {
  if (exponent < 2) return std::bit_cast<float>(0x00200000U << exponent);
  return std::bit_cast<float>(static_cast<uint32_t>(exponent - 1) << 23);
}

}  // namespace

void decode(const BlockQ4_0& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int i = 0; i < kHalf; ++i) {
    values[i] = static_cast<float>((block.qs[i] & 15) - 8) * d;
    values[i + kHalf] = static_cast<float>((block.qs[i] >> 4) - 8) * d;
  }
}

void decode(const BlockQ4_1& block, float* values) {
  const float d = f16_to_f32(block.d);
  const float m = f16_to_f32(block.m);
  for (int i = 0; i < kHalf; ++i) {
    values[i] = static_cast<float>(block.qs[i] & 15) * d + m;
    values[i + kHalf] = static_cast<float>(block.qs[i] >> 4) * d + m;
  }
}

void decode(const BlockQ5_0& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int i = 0; i < kHalf; ++i) {
    const int low = (block.qs[i] & 15) | fifth_bit(block.qh, i);
    const int high = (block.qs[i] >> 4) | fifth_bit(block.qh, i + kHalf);
    values[i] = static_cast<float>(low - 16) * d;
    values[i + kHalf] = static_cast<float>(high - 16) * d;
  }
}

void decode(const BlockQ5_1& block, float* values) {
  const float d = f16_to_f32(block.d);
  const float m = f16_to_f32(block.m);
  for (int i = 0; i < kHalf; ++i) {
    const int low = (block.qs[i] & 15) | fifth_bit(block.qh, i);
    const int high = (block.qs[i] >> 4) | fifth_bit(block.qh, i + kHalf);
    values[i] = static_cast<float>(low) * d + m;
    values[i + kHalf] = static_cast<float>(high) * d + m;
  }
}

void decode(const BlockQ8_0& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int i = 0; i < 2 * kHalf; ++i) values[i] = static_cast<float>(block.qs[i]) * d;
}

void decode(const BlockQ8_1& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int i = 0; i < 2 * kHalf; ++i) values[i] = static_cast<float>(block.qs[i]) * d;
}

void decode(const BlockIQ4_NL& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int i = 0; i < kHalf; ++i) {
    values[i] = d * static_cast<float>(kIq4Levels[block.qs[i] & 15]);
    values[i + kHalf] = d * static_cast<float>(kIq4Levels[block.qs[i] >> 4]);
  }
}

void decode(const BlockMXFP4& block, float* values) {
  const float d = half_e8m0(block.e);
  for (int i = 0; i < kHalf; ++i) {
    values[i] = static_cast<float>(kFp4Doubled[block.qs[i] & 15]) * d;
    values[i + kHalf] = static_cast<float>(kFp4Doubled[block.qs[i] >> 4]) * d;
  }
}

}  // namespace hearth
