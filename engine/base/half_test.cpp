#include "engine/base/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hearth {
namespace {

TEST(Half, EveryF16SurvivesTheRoundTrip) {
  for (uint32_t bits = 0; bits <= 0xFFFFU; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = f16_to_f32(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(f16_to_f32(f32_to_f16(value))));
    } else {
      ASSERT_EQ(f32_to_f16(value), half) << bits;
    }
  }
}

TEST(Half, RoundsTiesToEven) {
  EXPECT_EQ(f16_to_f32(f32_to_f16(2049.0F)), 2048.0F);
  EXPECT_EQ(f16_to_f32(f32_to_f16(2051.0F)), 2052.0F);
  EXPECT_EQ(f32_to_f16(0x1p-25F), 0);  // half of the smallest subnormal
  EXPECT_EQ(f32_to_f16(0x1.8p-24F), 2);
}

TEST(Half, OverflowsToInfinity) {
  EXPECT_EQ(f16_to_f32(f32_to_f16(65519.0F)), 65504.0F);
  EXPECT_TRUE(std::isinf(f16_to_f32(f32_to_f16(65520.0F))));
  EXPECT_TRUE(std::isnan(f16_to_f32(f32_to_f16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(Half, Bf16RoundsToNearestEven) {
  EXPECT_EQ(bf16_to_f32(f32_to_bf16(1.0F)), 1.0F);
  EXPECT_EQ(bf16_to_f32(f32_to_bf16(0x1.01p0F)), 1.0F);
  EXPECT_EQ(bf16_to_f32(f32_to_bf16(0x1.03p0F)), 0x1.04p0F);
}

}  // namespace
}  // namespace hearth
