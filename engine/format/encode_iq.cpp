// The IQ types with grids: every group is rounded to the nearest of all grid points.
#include <algorithm>
#include <cstring>

#include "engine/base/half.h"
#include "engine/format/bit_layout.h"
#include "engine/format/block_coding.h"
#include "engine/format/fit_grid.h"
#include "engine/format/iq_grids.h"

namespace hearth {
namespace {

constexpr int kGroupsOf32 = 4;
constexpr int kGroupsOf16 = 2;

uint32_t low_byte(size_t index) { return static_cast<uint32_t>(index & 0xFF); }
int high_bits(size_t index) { return static_cast<int>(index >> 8); }

// The signs of the four groups of a sub-block in 28 bits, the scale's code on top.
uint32_t pack_signs_and_scale(const FittedGrid& fitted, int sub_block) {
  uint32_t word = static_cast<uint32_t>(fitted.codes[sub_block]) << 28;
  for (int i = 0; i < kGroupsOf32; ++i) {
    word |= static_cast<uint32_t>(fitted.groups[kGroupsOf32 * sub_block + i].signs & 127) << 7 * i;
  }
  return word;
}

// 4-bit scale codes, two to a byte.
void pack_scales(const FittedGrid& fitted, int count, uint8_t* scales) {
  for (int i = 0; i < count; ++i) put_bits(scales, {i / 2, i % 2 * 4}, fitted.codes[i]);
}

FittedGrid fit_shifted(const float* values, const float* weights, int groups_per_span, bool together) {
  static const Codebook up(kIq1Grid, kIq1Delta);
  static const Codebook down(kIq1Grid, -kIq1Delta);
  return fit_grid(values, weights, groups_per_span, 7, ShiftedRounding(up, down, together));
}

}  // namespace

void fit(const float* values, const float* weights, BlockIQ2_XXS& block) {
  static const Codebook book(kIq2XxsGrid);
  const FittedGrid fitted = fit_grid(values, weights, kGroupsOf32, 15, SignedRounding(book, true));
  block.d = f32_to_f16(8.0F * fitted.unit);
  for (int i = 0; i < 8; ++i) {
    uint32_t words[2] = {0, pack_signs_and_scale(fitted, i)};
    for (int j = 0; j < kGroupsOf32; ++j) words[0] |= low_byte(fitted.groups[4 * i + j].index[0]) << 8 * j;
    std::memcpy(block.qs + 4 * i, words, sizeof words);
  }
}

void fit(const float* values, const float* weights, BlockIQ2_XS& block) {
  static const Codebook book(kIq2XsGrid);
  const FittedGrid fitted = fit_grid(values, weights, kGroupsOf16, 15, SignedRounding(book, true));
  std::memset(&block, 0, sizeof block);
  block.d = f32_to_f16(8.0F * fitted.unit);
  pack_scales(fitted, 16, block.scales);
  for (int i = 0; i < kGroupCount; ++i) {
    const GridGroup& group = fitted.groups[i];
    block.qs[i] = static_cast<uint16_t>(group.index[0] | (group.signs & 127) << 9);
  }
}

void fit(const float* values, const float* weights, BlockIQ2_S& block) {
  static const Codebook book(kIq2SGrid);
  const FittedGrid fitted = fit_grid(values, weights, kGroupsOf16, 15, SignedRounding(book, false));
  std::memset(&block, 0, sizeof block);
  block.d = f32_to_f16(8.0F * fitted.unit);
  pack_scales(fitted, 16, block.scales);
  for (int i = 0; i < kGroupCount; ++i) {
    const GridGroup& group = fitted.groups[i];
    block.qs[i] = static_cast<uint8_t>(low_byte(group.index[0]));
    block.qs[32 + i] = group.signs;
    put_bits(block.qh, {i / 4, i % 4 * 2}, high_bits(group.index[0]));
  }
}

void fit(const float* values, const float* weights, BlockIQ3_XXS& block) {
  static const Codebook book(kIq3XxsGrid);
  const FittedGrid fitted = fit_grid(values, weights, kGroupsOf32, 15, SignedRounding(book, true));
  block.d = f32_to_f16(4.0F * fitted.unit);
  for (int i = 0; i < 2 * kGroupCount; ++i) {
    block.qs[i] = static_cast<uint8_t>(fitted.groups[i / 2].index[i % 2]);
  }
  for (int i = 0; i < 8; ++i) {
    const uint32_t word = pack_signs_and_scale(fitted, i);
    std::memcpy(block.qs + 64 + 4 * i, &word, sizeof word);
  }
}

void fit(const float* values, const float* weights, BlockIQ3_S& block) {
  static const Codebook book(kIq3SGrid);
  const FittedGrid fitted = fit_grid(values, weights, kGroupsOf32, 15, SignedRounding(book, false));
  std::memset(&block, 0, sizeof block);
  block.d = f32_to_f16(fitted.unit);
  pack_scales(fitted, 8, block.scales);
  for (int i = 0; i < 2 * kGroupCount; ++i) {
    const size_t index = fitted.groups[i / 2].index[i % 2];
    block.qs[i] = static_cast<uint8_t>(low_byte(index));
    put_bits(block.qh, {i / 8, i % 8}, high_bits(index));
  }
  for (int i = 0; i < kGroupCount; ++i) block.signs[i] = fitted.groups[i].signs;
}

void fit(const float* values, const float* weights, BlockIQ1_S& block) {
  const FittedGrid fitted = fit_shifted(values, weights, kGroupsOf32, true);
  std::memset(&block, 0, sizeof block);
  block.d = f32_to_f16(fitted.unit);
  for (int i = 0; i < kGroupCount; ++i) {
    const GridGroup& group = fitted.groups[i];
    block.qs[i] = static_cast<uint8_t>(low_byte(group.index[0]));
    int high = block.qh[i / 4] | high_bits(group.index[0]) << i % 4 * 3;
    if (i % 4 == 0) high |= fitted.codes[i / 4] << 12 | (group.down ? 0x8000 : 0);
    block.qh[i / 4] = static_cast<uint16_t>(high);
  }
}

void fit(const float* values, const float* weights, BlockIQ1_M& block) {
  const FittedGrid fitted = fit_shifted(values, weights, kGroupsOf16, false);
  std::memset(&block, 0, sizeof block);
  const uint16_t d = f32_to_f16(fitted.unit);
  uint16_t words[4];
  for (int i = 0; i < 4; ++i) {
    int word = (d >> 4 * i & 15) << 12;
    for (int j = 0; j < 4; ++j) word |= fitted.codes[4 * i + j] << 3 * j;
    words[i] = static_cast<uint16_t>(word);
  }
  std::memcpy(block.scales, words, sizeof words);
  for (int i = 0; i < kGroupCount; ++i) {
    const GridGroup& group = fitted.groups[i];
    block.qs[i] = static_cast<uint8_t>(low_byte(group.index[0]));
    put_bits(block.qh, {i / 2, i % 2 * 4}, high_bits(group.index[0]) | (group.down ? 8 : 0));
  }
}

}  // namespace hearth
