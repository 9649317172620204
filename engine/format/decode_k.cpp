// The K types: the sub-blocks' scales (and minima) are small integers times the super-block's own.
#include "engine/base/half.h"
#include "engine/format/bit_layout.h"
#include "engine/format/block_coding.h"

namespace hearth {

void decode(const BlockQ2_K& block, float* values) {
  const float d = f16_to_f32(block.d);
  const float dmin = f16_to_f32(block.dmin);
  for (int i = 0; i < kSuperBlock; ++i) {
    const uint8_t scales = block.scales[i / 16];
    const float scale = d * static_cast<float>(scales & 15);
    const float minimum = dmin * static_cast<float>(scales >> 4);
    values[i] = scale * static_cast<float>(get_bits(block.qs, two_bit_place(i), 3)) - minimum;
  }
}

void decode(const BlockQ3_K& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int i = 0; i < kSuperBlock; ++i) {
    const float scale = d * static_cast<float>(get_q3_scale(block.scales, i / 16));
    const int low = get_bits(block.qs, two_bit_place(i), 3);
    const int high = get_bits(block.hmask, one_bit_place(i), 1);
    values[i] = scale * static_cast<float>((low | high << 2) - 4);
  }
}

void decode(const BlockQ4_K& block, float* values) {
  const float d = f16_to_f32(block.d);
  const float dmin = f16_to_f32(block.dmin);
  for (int i = 0; i < kSuperBlock; ++i) {
    const ScaleAndMinimum sub_block = get_scale_and_minimum(block.scales, i / 32);
    const float scale = d * static_cast<float>(sub_block.scale);
    const float minimum = dmin * static_cast<float>(sub_block.minimum);
    values[i] = scale * static_cast<float>(get_bits(block.qs, nibble_place(i), 15)) - minimum;
  }
}

void decode(const BlockQ5_K& block, float* values) {
  const float d = f16_to_f32(block.d);
  const float dmin = f16_to_f32(block.dmin);
  for (int i = 0; i < kSuperBlock; ++i) {
    const ScaleAndMinimum sub_block = get_scale_and_minimum(block.scales, i / 32);
    const float scale = d * static_cast<float>(sub_block.scale);
    const float minimum = dmin * static_cast<float>(sub_block.minimum);
    const int low = get_bits(block.qs, nibble_place(i), 15);
    const int high = get_bits(block.qh, one_bit_place(i), 1);
    values[i] = scale * static_cast<float>(low | high << 4) - minimum;
  }
}

void decode(const BlockQ6_K& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int i = 0; i < kSuperBlock; ++i) {
    const int8_t group_scale = block.scales[i / 16];
    const float scale = d * static_cast<float>(group_scale);
    const int low = get_bits(block.ql, q6_nibble_place(i), 15);
    const int high = get_bits(block.qh, two_bit_place(i), 3);
    values[i] = scale * static_cast<float>((low | high << 4) - 32);
  }
}

void decode(const BlockQ8_K& block, float* values) {
  for (int i = 0; i < kSuperBlock; ++i) values[i] = block.d * static_cast<float>(block.qs[i]);
}

}  // namespace hearth
