// Super-blocks whose sub-blocks have integers times the super-block's scale for their own scale (and
// minimum): the K types and IQ4_XS. First each sub-block gets its best scale as a real number, then that is
// rounded, then the elements are rounded with the scale as it will be decoded.
#include <cstring>

#include "engine/base/half.h"
#include "engine/format/bit_layout.h"
#include "engine/format/block_coding.h"
#include "engine/format/fit.h"
#include "engine/format/iq_grids.h"

namespace hearth {
namespace {

// Sub-blocks with a scale and a minimum, each an integer in [0, kHighestCode]; elements are in [0, kHighest].
template <int kSubBlocks, int kHighest, int kHighestCode>
class FittedLines {
 public:
  explicit FittedLines(const float* values) : values_(values) {
    std::array<Line, kSubBlocks> lines;
    Line largest{0.0F, 0.0F};
    for (int i = 0; i < kSubBlocks; ++i) {
      lines[i] = fit_line({values + i * kWidth, kWidth}, kHighest);
      largest.scale = std::max(largest.scale, lines[i].scale);
      largest.minimum = std::max(largest.minimum, lines[i].minimum);
    }
    d = f32_to_f16(largest.scale / kHighestCode);
    dmin = f32_to_f16(largest.minimum / kHighestCode);
    const float inverse_d = inverse_or_zero(f16_to_f32(d));
    const float inverse_dmin = inverse_or_zero(f16_to_f32(dmin));
    for (int i = 0; i < kSubBlocks; ++i) {
      codes[i] = {nearest_within(lines[i].scale * inverse_d, 0, kHighestCode),
                  nearest_within(lines[i].minimum * inverse_dmin, 0, kHighestCode)};
    }
  }

  int quantised(int element) const {
    const ScaleAndMinimum& code = codes[element / kWidth];
    const float scale = f16_to_f32(d) * static_cast<float>(code.scale);
    const float minimum = f16_to_f32(dmin) * static_cast<float>(code.minimum);
    return nearest_within((values_[element] + minimum) * inverse_or_zero(scale), 0, kHighest);
  }

  uint16_t d;
  uint16_t dmin;
  std::array<ScaleAndMinimum, kSubBlocks> codes;

 private:
  static constexpr int kWidth = kSuperBlock / kSubBlocks;
  const float* values_;
};

// Sub-blocks with a scale alone, an integer in [kLowestCode, -kLowestCode - 1].
template <int kSubBlocks, int kLowestCode>
class FittedScales {
 public:
  static constexpr int kWidth = kSuperBlock / kSubBlocks;

  template <typename Round>
  FittedScales(const float* values, float lowest, float highest, Round round) : values_(values) {
    std::array<float, kSubBlocks> scales;
    for (int i = 0; i < kSubBlocks; ++i) {
      scales[i] = fit_scale({values + i * kWidth, kWidth}, lowest, highest, round);
    }
    d = f32_to_f16(extreme_of(scales) / kLowestCode);
    const float inverse = inverse_or_zero(f16_to_f32(d));
    for (int i = 0; i < kSubBlocks; ++i) {
      codes[i] = nearest_within(scales[i] * inverse, kLowestCode, -kLowestCode - 1);
    }
  }

  // The element in units of its sub-block's scale.
  float scaled(int element) const {
    return values_[element] * inverse_or_zero(f16_to_f32(d) * static_cast<float>(codes[element / kWidth]));
  }

  uint16_t d;
  std::array<int, kSubBlocks> codes;

 private:
  const float* values_;
};

template <int kLowest>
float round_to_integer(float scaled) {
  return static_cast<float>(nearest_within(scaled, kLowest, -kLowest - 1));
}

float round_to_iq4_level(float scaled) {
  return static_cast<float>(kIq4Levels[nearest_level(kIq4Levels, scaled)]);
}

}  // namespace

void encode(const float* values, BlockQ2_K& block) {
  const FittedLines<16, 3, 15> fitted(values);
  std::memset(&block, 0, sizeof block);
  block.d = fitted.d;
  block.dmin = fitted.dmin;
  for (int i = 0; i < 16; ++i) {
    block.scales[i] = static_cast<uint8_t>(fitted.codes[i].scale | fitted.codes[i].minimum << 4);
  }
  for (int i = 0; i < kSuperBlock; ++i) put_bits(block.qs, two_bit_place(i), fitted.quantised(i));
}

void encode(const float* values, BlockQ3_K& block) {
  const FittedScales<16, -32> fitted(values, -4, 3, round_to_integer<-4>);
  std::memset(&block, 0, sizeof block);
  block.d = fitted.d;
  for (int i = 0; i < 16; ++i) put_q3_scale(block.scales, i, fitted.codes[i]);
  for (int i = 0; i < kSuperBlock; ++i) {
    const int q = nearest_within(fitted.scaled(i), -4, 3) + 4;
    put_bits(block.qs, two_bit_place(i), q & 3);
    put_bits(block.hmask, one_bit_place(i), q >> 2);
  }
}

void encode(const float* values, BlockQ4_K& block) {
  const FittedLines<8, 15, 63> fitted(values);
  std::memset(&block, 0, sizeof block);
  block.d = fitted.d;
  block.dmin = fitted.dmin;
  for (int i = 0; i < 8; ++i) put_scale_and_minimum(block.scales, i, fitted.codes[i]);
  for (int i = 0; i < kSuperBlock; ++i) put_bits(block.qs, nibble_place(i), fitted.quantised(i));
}

void encode(const float* values, BlockQ5_K& block) {
  const FittedLines<8, 31, 63> fitted(values);
  std::memset(&block, 0, sizeof block);
  block.d = fitted.d;
  block.dmin = fitted.dmin;
  for (int i = 0; i < 8; ++i) put_scale_and_minimum(block.scales, i, fitted.codes[i]);
  for (int i = 0; i < kSuperBlock; ++i) {
    const int q = fitted.quantised(i);
    put_bits(block.qs, nibble_place(i), q & 15);
    put_bits(block.qh, one_bit_place(i), q >> 4);
  }
}

void encode(const float* values, BlockQ6_K& block) {
  const FittedScales<16, -128> fitted(values, -32, 31, round_to_integer<-32>);
  std::memset(&block, 0, sizeof block);
  block.d = fitted.d;
  for (int i = 0; i < 16; ++i) block.scales[i] = static_cast<int8_t>(fitted.codes[i]);
  for (int i = 0; i < kSuperBlock; ++i) {
    const int q = nearest_within(fitted.scaled(i), -32, 31) + 32;
    put_bits(block.ql, q6_nibble_place(i), q & 15);
    put_bits(block.qh, two_bit_place(i), q >> 4);
  }
}

// ggml's rule: the extreme value becomes -127, halves go to the even integer.
void encode(const float* values, BlockQ8_K& block) {
  std::memset(&block, 0, sizeof block);
  const float extreme = extreme_of({values, kSuperBlock});
  if (extreme == 0.0F) return;
  const float inverse = -127.0F / extreme;
  block.d = 1.0F / inverse;
  for (int i = 0; i < kSuperBlock; ++i) {
    block.qs[i] = static_cast<int8_t>(nearest_within(std::nearbyint(values[i] * inverse), -127, 127));
    block.bsums[i / 16] = static_cast<int16_t>(block.bsums[i / 16] + block.qs[i]);
  }
}

void encode(const float* values, BlockIQ4_XS& block) {
  const FittedScales<8, -32> fitted(values, kIq4Levels.front(), kIq4Levels.back(), round_to_iq4_level);
  std::memset(&block, 0, sizeof block);
  block.d = fitted.d;
  uint16_t scales_h = 0;
  for (int i = 0; i < 8; ++i) scales_h = put_iq4_xs_scale(block.scales_l, scales_h, i, fitted.codes[i]);
  block.scales_h = scales_h;
  for (int i = 0; i < kSuperBlock; ++i) {
    const BitPlace place = {i / 32 * 16 + i % 16, i % 32 / 16 * 4};
    put_bits(block.qs, place, nearest_level(kIq4Levels, fitted.scaled(i)));
  }
}

}  // namespace hearth
