// The ternary types, rounded as ggml's reference does it: meant for weights that are -d, 0 or d already.
#include <cmath>
#include <cstring>

#include "engine/base/half.h"
#include "engine/format/bit_layout.h"
#include "engine/format/block_coding.h"
#include "engine/format/fit.h"

namespace hearth {
namespace {

// 0, 1 or 2 for -d, 0, d.
struct Ternary {
  explicit Ternary(const float* values) : d(std::fabs(extreme_of({values, kSuperBlock}))) {
    inverse = inverse_or_zero(d);
  }
  int operator()(float value) const { return nearest_within(value * inverse, -1, 1) + 1; }

  float d;
  float inverse;
};

// Five digits of elements `stride` apart as a fraction of 243, the first the most significant, rounded up to
// a fraction of 256. Elements past `count` are digits 0.
uint8_t pack_digits(const float* values, int stride, int count, const Ternary& quantise) {
  int number = 0;
  for (int n = 0; n < 5; ++n) number = 3 * number + (n < count ? quantise(values[n * stride]) : 0);
  return static_cast<uint8_t>((number * 256 + 242) / 243);
}

}  // namespace

// Elements 0..159 are five digits of qs[0..31], 160..239 five of qs[32..47], the rest four of qh[0..3].
void encode(const float* values, BlockTQ1_0& block) {
  const Ternary quantise(values);
  block.d = f32_to_f16(quantise.d);
  for (int i = 0; i < 32; ++i) block.qs[i] = pack_digits(values + i, 32, 5, quantise);
  for (int i = 0; i < 16; ++i) block.qs[32 + i] = pack_digits(values + 160 + i, 16, 5, quantise);
  for (int i = 0; i < 4; ++i) block.qh[i] = pack_digits(values + 240 + i, 4, 4, quantise);
}

void encode(const float* values, BlockTQ2_0& block) {
  const Ternary quantise(values);
  block.d = f32_to_f16(quantise.d);
  std::memset(block.qs, 0, sizeof block.qs);
  for (int i = 0; i < kSuperBlock; ++i) put_bits(block.qs, two_bit_place(i), quantise(values[i]));
}

}  // namespace hearth
