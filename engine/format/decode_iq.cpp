// The IQ types: 8 sub-blocks of 32 elements, each of 4 groups of 8 that are one or two grid points
// (iq_grids.h).
#include <cstring>

#include "engine/base/half.h"
#include "engine/format/bit_layout.h"
#include "engine/format/block_coding.h"
#include "engine/format/iq_grids.h"

namespace hearth {
namespace {

constexpr int kSubBlocks = 8;
constexpr int kGroups = 4;

// Eight magnitudes times `scale`, negative where the bit of `signs` is set.
void decode_group(float scale, uint64_t magnitudes, uint8_t signs, float* values) {
  for (int i = 0; i < 8; ++i) {
    const auto magnitude = static_cast<float>(magnitudes >> (8 * i) & 0xFF);
    values[i] = scale * magnitude * ((signs >> i & 1) != 0 ? -1.0F : 1.0F);
  }
}

// Eight values of -1, 0 or 1, moved up or down by delta.
void decode_iq1_group(float scale, uint64_t point, bool down, float* values) {
  const float delta = down ? -kIq1Delta : kIq1Delta;
  for (int i = 0; i < 8; ++i) {
    const auto value = static_cast<int8_t>(point >> (8 * i) & 0xFF);
    values[i] = scale * (static_cast<float>(value) + delta);
  }
}

// Two grid points of four elements.
uint64_t join(uint32_t first, uint32_t second) { return first | static_cast<uint64_t>(second) << 32; }

// A 4-bit scale of IQ2: odd multiples of d / 8.
float iq2_scale(float d, uint32_t nibble) { return d * (0.5F + static_cast<float>(nibble)) * 0.25F; }

uint32_t nibble(uint8_t byte, int second) { return byte >> 4 * second & 15; }

}  // namespace

// A sub-block is two 32-bit words: four grid indices of 8 bits; four times seven sign bits and the scale on
// top.
void decode(const BlockIQ2_XXS& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int sub_block = 0; sub_block < kSubBlocks; ++sub_block) {
    const uint32_t indices = block.qs[4 * sub_block] | static_cast<uint32_t>(block.qs[4 * sub_block + 1])
                                                           << 16;
    const uint32_t signs = block.qs[4 * sub_block + 2] | static_cast<uint32_t>(block.qs[4 * sub_block + 3])
                                                             << 16;
    const float scale = iq2_scale(d, signs >> 28);
    for (int group = 0; group < kGroups; ++group, values += 8) {
      decode_group(scale, kIq2XxsGrid[indices >> 8 * group & 0xFF],
                   signs_with_even_parity(signs >> 7 * group & 127), values);
    }
  }
}

// A group is 16 bits: nine of grid index, seven of signs. Each half of a sub-block has its own scale.
void decode(const BlockIQ2_XS& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int sub_block = 0; sub_block < kSubBlocks; ++sub_block) {
    for (int group = 0; group < kGroups; ++group, values += 8) {
      const uint16_t code = block.qs[4 * sub_block + group];
      decode_group(iq2_scale(d, nibble(block.scales[sub_block], group / 2)), kIq2XsGrid[code & 511],
                   signs_with_even_parity(code >> 9), values);
    }
  }
}

// Ten bits of grid index, the high two in qh; eight signs after the indices in qs.
void decode(const BlockIQ2_S& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int sub_block = 0; sub_block < kSubBlocks; ++sub_block) {
    for (int group = 0; group < kGroups; ++group, values += 8) {
      const int at = 4 * sub_block + group;
      const int index = block.qs[at] | (block.qh[sub_block] >> 2 * group & 3) << 8;
      decode_group(iq2_scale(d, nibble(block.scales[sub_block], group / 2)), kIq2SGrid[index],
                   block.qs[32 + at], values);
    }
  }
}

// After the 64 grid indices, one 32-bit word for each sub-block: four times seven sign bits and the scale on
// top.
void decode(const BlockIQ3_XXS& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int sub_block = 0; sub_block < kSubBlocks; ++sub_block) {
    uint32_t signs;
    std::memcpy(&signs, block.qs + 64 + 4 * sub_block, sizeof signs);
    const float scale = d * (0.5F + static_cast<float>(signs >> 28)) * 0.5F;
    for (int group = 0; group < kGroups; ++group, values += 8) {
      const uint8_t* indices = block.qs + 8 * sub_block + 2 * group;
      decode_group(scale, join(kIq3XxsGrid[indices[0]], kIq3XxsGrid[indices[1]]),
                   signs_with_even_parity(signs >> 7 * group & 127), values);
    }
  }
}

// Nine bits of grid index, the highest in qh; scales are odd multiples of d.
void decode(const BlockIQ3_S& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int sub_block = 0; sub_block < kSubBlocks; ++sub_block) {
    const float scale = d * static_cast<float>(1 + 2 * nibble(block.scales[sub_block / 2], sub_block % 2));
    const auto index = [&](int i) {
      return block.qs[8 * sub_block + i] | (block.qh[sub_block] >> i & 1) << 8;
    };
    for (int group = 0; group < kGroups; ++group, values += 8) {
      decode_group(scale, join(kIq3SGrid[index(2 * group)], kIq3SGrid[index(2 * group + 1)]),
                   block.signs[4 * sub_block + group], values);
    }
  }
}

// qh of a sub-block: four times three high bits of grid index, a 3-bit scale, and on top the direction of
// delta.
void decode(const BlockIQ1_S& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int sub_block = 0; sub_block < kSubBlocks; ++sub_block) {
    const uint16_t high = block.qh[sub_block];
    const float scale = d * static_cast<float>(2 * (high >> 12 & 7) + 1);
    for (int group = 0; group < kGroups; ++group, values += 8) {
      const int index = block.qs[4 * sub_block + group] | (high >> 3 * group & 7) << 8;
      decode_iq1_group(scale, kIq1Grid[index], (high & 0x8000) != 0, values);
    }
  }
}

// A nibble of qh for each group: three high bits of grid index and the direction of delta. Four 16-bit words
// of scales: four times three bits, one for each 16 elements, and on top a quarter of the f16 scale of the
// block.
void decode(const BlockIQ1_M& block, float* values) {
  uint16_t words[4];
  std::memcpy(words, block.scales, sizeof words);
  uint16_t d_bits = 0;
  for (int i = 0; i < 4; ++i) d_bits = static_cast<uint16_t>(d_bits | words[i] >> 12 << 4 * i);
  const float d = f16_to_f32(d_bits);
  for (int sub_block = 0; sub_block < kSubBlocks; ++sub_block) {
    for (int group = 0; group < kGroups; ++group, values += 8) {
      const int sixteen = 2 * sub_block + group / 2;
      const float scale = d * static_cast<float>(2 * (words[sixteen / 4] >> sixteen % 4 * 3 & 7) + 1);
      const uint32_t high = nibble(block.qh[2 * sub_block + group / 2], group % 2);
      const uint32_t index = block.qs[4 * sub_block + group] | (high & 7) << 8;
      decode_iq1_group(scale, kIq1Grid[index], (high & 8) != 0, values);
    }
  }
}

void decode(const BlockIQ4_XS& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int sub_block = 0; sub_block < kSubBlocks; ++sub_block, values += 32) {
    const float scale = d * static_cast<float>(get_iq4_xs_scale(block.scales_l, block.scales_h, sub_block));
    for (int i = 0; i < 16; ++i) {
      const uint8_t levels = block.qs[16 * sub_block + i];
      values[i] = scale * static_cast<float>(kIq4Levels[levels & 15]);
      values[i + 16] = scale * static_cast<float>(kIq4Levels[levels >> 4]);
    }
  }
}

}  // namespace hearth
