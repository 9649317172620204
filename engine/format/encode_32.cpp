// Blocks of 32 with one scale: rounded as ggml's reference does it by encode(), and fitted by fit(). Of two
// elements that share a byte, the first half of the block has the low nibble.
#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/base/half.h"
#include "engine/format/block_coding.h"
#include "engine/format/fit.h"
#include "engine/format/iq_grids.h"

namespace hearth {
namespace {

constexpr int kSize = 32;

std::span<const float> block_of(const float* values) { return {values, kSize}; }

// The integer part of a value, at least 0 and at most `highest`; 0 for NaN.
int truncate(float value, int highest) {
  if (!(value > 0.0F)) return 0;
  return value >= static_cast<float>(highest) ? highest : static_cast<int>(value);
}

uint8_t pack_nibbles(int low, int high) { return static_cast<uint8_t>((low & 15) | (high & 15) << 4); }

// d * (q - offset): the extreme value becomes q = 0 exactly, so that both ends of the levels are used.
struct Centred {
  Centred(const float* values, int offset)
      : half_step(static_cast<float>(offset) + 0.5F), highest(2 * offset - 1) {
    d = extreme_of(block_of(values)) / static_cast<float>(-offset);
    inverse = inverse_or_zero(d);
  }
  int operator()(float value) const { return truncate(value * inverse + half_step, highest); }

  float d;
  float inverse;
  float half_step;
  int highest;
};

// d * q + m: the least value becomes 0, the greatest `highest`.
struct Shifted {
  Shifted(const float* values, int most) : highest(most) {
    const auto [least, greatest] = std::minmax_element(values, values + kSize);
    m = *least;
    d = (*greatest - m) / static_cast<float>(most);
    inverse = inverse_or_zero(d);
  }
  int operator()(float value) const { return truncate((value - m) * inverse + 0.5F, highest); }

  float d;
  float m;
  float inverse;
  int highest;
};

// `at(i)` is what is stored of element i.
template <typename At, typename Block>
void put_nibbles(const At& at, Block& block) {
  for (int i = 0; i < kHalf; ++i) block.qs[i] = pack_nibbles(at(i), at(i + kHalf));
}

template <typename At, typename Block>
void put_fifth_bits(const At& at, Block& block) {
  std::fill(std::begin(block.qh), std::end(block.qh), uint8_t{0});
  for (int i = 0; i < kSize; ++i) {
    block.qh[i / 8] = static_cast<uint8_t>(block.qh[i / 8] | (at(i) >> 4) << i % 8);
  }
}

// The scale of a block and the levels of its elements, with the least weighted squared error.
template <typename Levels>
struct FittedScale {
  FittedScale(const float* values, const float* weights)
      : d(f32_to_f16(fit_scale<Levels>(block_of(values), weights))) {
    round_all<Levels>(block_of(values), inverse_or_zero(f16_to_f32(d)), levels.data());
  }

  uint16_t d;
  std::array<float, kSize> levels;
};

// Levels above the least one, which is stored as 0.
template <int kLeast>
struct FittedIntegers : FittedScale<IntegerLevels<kLeast>> {
  using FittedScale<IntegerLevels<kLeast>>::FittedScale;
  int operator()(int i) const { return static_cast<int>(this->levels[i]) - kLeast; }
};

// d * q + m, of which m may have any sign.
struct FittedLine {
  FittedLine(const float* values, const float* weights, int highest) {
    const Line line = fit_line(block_of(values), weights, highest, true);
    d = f32_to_f16(line.scale);
    m = f32_to_f16(-line.minimum);
    round_on_line(block_of(values), -f16_to_f32(m), inverse_or_zero(f16_to_f32(d)), highest, levels.data());
  }
  int operator()(int i) const { return static_cast<int>(levels[i]); }

  uint16_t d;
  uint16_t m;
  std::array<float, kSize> levels;
};

// Returns the sum of the stored integers; `d` is the scale before it is rounded to f16.
int put_bytes(const float* values, int8_t* qs, float& d) {
  d = std::fabs(extreme_of(block_of(values))) / 127.0F;
  const float inverse = inverse_or_zero(d);
  int sum = 0;
  for (int i = 0; i < kSize; ++i) {
    qs[i] = static_cast<int8_t>(nearest_within(values[i] * inverse, -127, 127));
    sum += qs[i];
  }
  return sum;
}

// The position of the nearest FP4 level at this scale, the first of equally near ones.
int nearest_fp4(float value, float half_scale) {
  const auto error = [&](int8_t level) { return std::fabs(static_cast<float>(level) * half_scale - value); };
  const auto nearest = std::min_element(kFp4Doubled.begin(), kFp4Doubled.end(),
                                        [&](int8_t a, int8_t b) { return error(a) < error(b); });
  return static_cast<int>(nearest - kFp4Doubled.begin());
}

}  // namespace

void encode(const float* values, BlockQ4_0& block) {
  const Centred quantise(values, 8);
  block.d = f32_to_f16(quantise.d);
  put_nibbles([&](int i) { return quantise(values[i]); }, block);
}

void fit(const float* values, const float* weights, BlockQ4_0& block) {
  const FittedIntegers<-8> fitted(values, weights);
  block.d = fitted.d;
  put_nibbles(fitted, block);
}

void encode(const float* values, BlockQ5_0& block) {
  const Centred quantise(values, 16);
  const auto at = [&](int i) { return quantise(values[i]); };
  block.d = f32_to_f16(quantise.d);
  put_nibbles(at, block);
  put_fifth_bits(at, block);
}

void fit(const float* values, const float* weights, BlockQ5_0& block) {
  const FittedIntegers<-16> fitted(values, weights);
  block.d = fitted.d;
  put_nibbles(fitted, block);
  put_fifth_bits(fitted, block);
}

void encode(const float* values, BlockQ4_1& block) {
  const Shifted quantise(values, 15);
  block.d = f32_to_f16(quantise.d);
  block.m = f32_to_f16(quantise.m);
  put_nibbles([&](int i) { return quantise(values[i]); }, block);
}

void fit(const float* values, const float* weights, BlockQ4_1& block) {
  const FittedLine fitted(values, weights, 15);
  block.d = fitted.d;
  block.m = fitted.m;
  put_nibbles(fitted, block);
}

void encode(const float* values, BlockQ5_1& block) {
  const Shifted quantise(values, 31);
  const auto at = [&](int i) { return quantise(values[i]); };
  block.d = f32_to_f16(quantise.d);
  block.m = f32_to_f16(quantise.m);
  put_nibbles(at, block);
  put_fifth_bits(at, block);
}

void fit(const float* values, const float* weights, BlockQ5_1& block) {
  const FittedLine fitted(values, weights, 31);
  block.d = fitted.d;
  block.m = fitted.m;
  put_nibbles(fitted, block);
  put_fifth_bits(fitted, block);
}

void encode(const float* values, BlockQ8_0& block) {
  float d = 0.0F;
  put_bytes(values, block.qs, d);
  block.d = f32_to_f16(d);
}

void encode(const float* values, BlockQ8_1& block) {
  float d = 0.0F;
  const int sum = put_bytes(values, block.qs, d);
  block.d = f32_to_f16(d);
  block.s = f32_to_f16(static_cast<float>(sum) * d);
}

void fit(const float* values, const float* weights, BlockIQ4_NL& block) {
  const FittedScale<Iq4Levels> fitted(values, weights);
  block.d = fitted.d;
  put_nibbles([&](int i) { return Iq4Levels::position(fitted.levels[i]); }, block);
}

// The scale is the power of two that brings the extreme value to FP4's top binade, 4 to 6.
void encode(const float* values, BlockMXFP4& block) {
  const float extreme = extreme_of(block_of(values));
  block.e = static_cast<uint8_t>(extreme == 0.0F ? 0 : std::clamp(std::ilogb(extreme) - 2 + 127, 0, 254));
  const float half_scale = std::ldexp(1.0F, block.e - 128);
  put_nibbles([&](int i) { return nearest_fp4(values[i], half_scale); }, block);
}

}  // namespace hearth
