// The elementary functions as the portable kernels have them; other sets differ by fused multiply-adds, which
// only bring them closer. What each set makes of them is tested in vector_kernels_test.cpp.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "engine/compute/cpu/simd/f32_portable.h"
// Written in what the header before defines.
#include "engine/compute/cpu/vector/math-inl.h"

namespace hearth::cpu {
namespace {

float exponential(float x) { return first_lane(exponential(broadcast(x))); }
float hyperbolic_tangent(float x) { return first_lane(hyperbolic_tangent(broadcast(x))); }

/// The largest relative error over floats of both signs up to `limit` whose results are normal; a prime
/// stride over their bits visits every binade.
template <typename Function, typename Reference>
double largest_relative_error(float limit, Function function, Reference reference) {
  double largest = 0.0;
  for (uint32_t bits = 0; bits < std::bit_cast<uint32_t>(limit); bits += 4099) {
    for (const float x : {std::bit_cast<float>(bits), -std::bit_cast<float>(bits)}) {
      const double exact = reference(static_cast<double>(x));
      if (std::abs(exact) < std::numeric_limits<float>::min()) continue;
      largest = std::max(largest, std::abs(function(x) - exact) / std::abs(exact));
    }
  }
  return largest;
}

TEST(Exponential, IsWithinItsStatedError) {
  const auto exact = [](double x) { return std::exp(x); };
  EXPECT_LT(largest_relative_error(
                88.7F, [](float x) { return exponential(x); }, exact),
            1.2e-7);
}

TEST(Exponential, IsExactWhereAttentionNeedsIt) {
  EXPECT_EQ(exponential(0.0F), 1.0F);
  EXPECT_EQ(exponential(-0.0F), 1.0F);
  for (const float x :
       {-87.4F, -104.0F, -105.0F, -1000.0F, std::numeric_limits<float>::lowest(), -INFINITY}) {
    EXPECT_EQ(exponential(x), 0.0F) << x;
  }
  EXPECT_EQ(exponential(88.8F), INFINITY);
  EXPECT_EQ(exponential(INFINITY), INFINITY);
}

TEST(Exponential, SkipsTheSubnormals) {
  for (float x = -87.0F; x > -104.0F; x -= 0.0078125F) {
    const double exact = std::exp(static_cast<double>(x));
    const bool is_normal = exact >= std::numeric_limits<float>::min();
    EXPECT_NEAR(exponential(x), is_normal ? exact : 0.0, 1.2e-7 * exact * (is_normal ? 1 : 0)) << x;
  }
}

TEST(HyperbolicTangent, IsWithinItsStatedError) {
  const auto exact = [](double x) { return std::tanh(x); };
  EXPECT_LT(largest_relative_error(
                INFINITY, [](float x) { return hyperbolic_tangent(x); }, exact),
            1.5e-7);
}

TEST(HyperbolicTangent, KeepsTheSignOfZeroAndReachesOne) {
  EXPECT_EQ(hyperbolic_tangent(0.0F), 0.0F);
  EXPECT_TRUE(std::signbit(hyperbolic_tangent(-0.0F)));
  EXPECT_EQ(hyperbolic_tangent(INFINITY), 1.0F);
  EXPECT_EQ(hyperbolic_tangent(-INFINITY), -1.0F);
}

}  // namespace
}  // namespace hearth::cpu
