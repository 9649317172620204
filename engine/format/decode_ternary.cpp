// The ternary types, from BitNet b1.58: every element is -d, 0 or d.
#include "engine/base/half.h"
#include "engine/format/bit_layout.h"
#include "engine/format/block_coding.h"

namespace hearth {
namespace {

// A byte b holds five base-3 digits as the fraction b / 256, rounded up, the first digit the most
// significant: multiplying by 3 brings the next digit before the point. Returns digit `n`, 0 to 2.
int ternary_digit(uint8_t fraction, int n) {
  constexpr uint8_t kPowers[5] = {1, 3, 9, 27, 81};
  const auto shifted = static_cast<uint8_t>(fraction * kPowers[n]);
  return shifted * 3 >> 8;
}

}  // namespace

// Elements 0..159 are five digits of qs[0..31], 160..239 five of qs[32..47], the rest four of qh[0..3].
void decode(const BlockTQ1_0& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int i = 0; i < kSuperBlock; ++i) {
    const int digit = i < 160   ? ternary_digit(block.qs[i % 32], i / 32)
                      : i < 240 ? ternary_digit(block.qs[32 + i % 16], (i - 160) / 16)
                                : ternary_digit(block.qh[i % 4], (i - 240) / 4);
    values[i] = static_cast<float>(digit - 1) * d;
  }
}

void decode(const BlockTQ2_0& block, float* values) {
  const float d = f16_to_f32(block.d);
  for (int i = 0; i < kSuperBlock; ++i) {
    values[i] = static_cast<float>(get_bits(block.qs, two_bit_place(i), 3) - 1) * d;
  }
}

}  // namespace hearth
