// The functions that kernels have of their own, beside those of the C library in double precision.
#include <gtest/gtest.h>

#include <cmath>

#define HEARTH_FUNCTION [[maybe_unused]] static inline
#include "engine/compute/cuda/language/mathematics.h"

namespace hearth {
namespace {

constexpr double kUnit = 0x1p-23;  // in the last place, of 1

/// Largest difference over many arguments, relative to the result or, where that is smaller, to `least`.
template <typename F, typename Exact>
double largest_error(double first, double last, double least, const F& f, const Exact& exact) {
  double largest = 0.0;
  for (int i = 0; i <= 100'000; ++i) {
    const auto x = static_cast<float>(first + (last - first) * i / 100'000);
    const double right = exact(double{x});
    largest = std::max(largest, std::abs(f(x) - right) / std::max(std::abs(right), least));
  }
  return largest;
}

TEST(KernelMathematics, ExponentialsAreWithinTwoUnits) {
  const auto exact = [](double x) { return std::exp(x); };
  EXPECT_LE(largest_error(-87.3, 88.7, 0.0, exponential, exact), 2 * kUnit);
  EXPECT_LE(largest_error(-1.0, 1.0, 0.0, exponential, exact), 2 * kUnit);
  EXPECT_EQ(exponential(0.0F), 1.0F);
  EXPECT_EQ(exponential(-1e30F), 0.0F);
  EXPECT_GT(exponential(1e30F), 3e38F);
}

TEST(KernelMathematics, LogarithmsAreWithinTwoUnits) {
  const auto exact = [](double x) { return std::log(x); };
  // Around 1 they are as near to 0 as their argument is to 1, and so is the error.
  EXPECT_LE(largest_error(0.5, 2.0, 0.0, logarithm, exact), 2 * kUnit);
  EXPECT_LE(largest_error(1e-30, 1e-3, 0.0, logarithm, exact), 2 * kUnit);
  EXPECT_LE(largest_error(2.0, 1e30, 0.0, logarithm, exact), 2 * kUnit);
  EXPECT_EQ(logarithm(1.0F), 0.0F);
}

TEST(KernelMathematics, SinesAreWithinTwoUnitsOfOneAlsoOfLargeAngles) {
  const auto sine = [](float x) { return turned(x, 0); };
  const auto cosine = [](float x) { return turned(x, 1); };
  for (const double range : {1.0, 1e3, 1e6}) {
    EXPECT_LE(largest_error(-range, range, 1.0, sine, [](double x) { return std::sin(x); }), 2 * kUnit);
    EXPECT_LE(largest_error(-range, range, 1.0, cosine, [](double x) { return std::cos(x); }), 2 * kUnit);
  }
}

TEST(KernelMathematics, HyperbolicTangentsAreWithinThreeUnits) {
  // Where they are made of an exponential e of 2 units, 1 - 2 / (e + 1) has its error, a division's and a
  // subtraction's.
  const auto exact = [](double x) { return std::tanh(x); };
  EXPECT_LE(largest_error(-1.0, 1.0, 0.0, hyperbolic_tangent, exact), 3 * kUnit);
  EXPECT_LE(largest_error(-40.0, 40.0, 0.0, hyperbolic_tangent, exact), 3 * kUnit);
  EXPECT_EQ(hyperbolic_tangent(0.0F), 0.0F);
}

}  // namespace
}  // namespace hearth
