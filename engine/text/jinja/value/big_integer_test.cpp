#include "engine/text/jinja/value/big_integer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace hearth::jinja {
namespace {

BigInteger of(std::string_view digits) { return BigInteger::parse(digits, 10).value_or(BigInteger()); }

/// Numbers of all sizes, of which many have runs of zeros and ones where carries and guesses go wrong.
std::vector<BigInteger> samples() {
  std::mt19937_64 random(1);  // NOLINT(bugprone-random-generator-seed)
  std::vector<BigInteger> numbers = {BigInteger(), BigInteger(INT64_MIN), BigInteger(INT64_MAX)};
  const BigInteger limb(uint64_t{1} << 32, false);
  for (int limbs = 1; limbs <= 6; ++limbs) {
    for (int i = 0; i < 12; ++i) {
      BigInteger number;
      for (int j = 0; j < limbs; ++j) {
        const uint64_t drawn = random();
        const uint64_t part = drawn % 4 == 0 ? 0 : drawn % 4 == 1 ? 0xFFFFFFFF : drawn >> 32;
        number = number * limb + BigInteger(part, false);
      }
      numbers.push_back(i % 2 == 0 ? number : -number);
    }
  }
  return numbers;
}

TEST(BigInteger, DivisionUndoesMultiplication) {
  const std::vector<BigInteger> numbers = samples();
  for (const BigInteger& a : numbers) {
    for (const BigInteger& b : numbers) {
      EXPECT_EQ(a + b - b, a);
      EXPECT_EQ(a * b, b * a);
      if (b.is_zero()) continue;
      const auto [quotient, remainder] = a.divided_by(b);
      ASSERT_EQ(quotient * b + remainder, a) << a.digits() << " / " << b.digits();
      EXPECT_TRUE(remainder.is_zero() || remainder.is_negative() == b.is_negative());
      EXPECT_LT(remainder.is_negative() ? -remainder : remainder, b.is_negative() ? -b : b);
    }
  }
}

TEST(BigInteger, ReadsWhatItWrites) {
  for (const BigInteger& number : samples()) {
    for (const uint32_t base : {2U, 8U, 10U, 16U, 36U}) {
      EXPECT_EQ(BigInteger::parse(number.digits(base), base), number);
    }
  }
  EXPECT_EQ(of("-00123456789012345678901234567890").digits(), "-123456789012345678901234567890");
  for (const char* wrong : {"", "-", "1 ", "1_0", "0x1", "--1"})
    EXPECT_FALSE(BigInteger::parse(wrong, 10)) << wrong;
  EXPECT_FALSE(BigInteger::parse("128", 8));
}

TEST(BigInteger, IsSmallWithin64Bits) {
  EXPECT_EQ(BigInteger(INT64_MIN).small(), INT64_MIN);
  EXPECT_EQ(BigInteger(INT64_MAX).small(), INT64_MAX);
  EXPECT_EQ((BigInteger(INT64_MIN) - BigInteger(int64_t{1})).small(), std::nullopt);
  EXPECT_EQ((-BigInteger(INT64_MIN)).small(), std::nullopt);
  EXPECT_EQ((-BigInteger(INT64_MIN)).bits(), 64U);
}

TEST(BigInteger, RoundsToTheNearestFloatAndHalvesToEven) {
  EXPECT_EQ(of("9007199254740993").real(), 9007199254740992.0);
  EXPECT_EQ(of("9007199254740995").real(), 9007199254740996.0);
  // Half between two floats of 64 bits and more, and just above it.
  EXPECT_EQ(of("36893488147419107328").real(), 36893488147419103232.0);
  EXPECT_EQ(of("36893488147419107329").real(), 36893488147419111424.0);
  EXPECT_EQ(of("-1" + std::string(400, '0')).real(), -INFINITY);
  EXPECT_EQ(BigInteger::truncated(-1e22).digits(), "-10000000000000000000000");
  EXPECT_EQ(BigInteger::truncated(0.99).digits(), "0");
  for (const BigInteger& number : samples()) {
    EXPECT_EQ(BigInteger::truncated(number.real()).real(), number.real()) << number.digits();
  }
}

TEST(BigInteger, DividesToTheNearestFloat) {
  EXPECT_EQ(of("1").ratio_to(of("3")), 1.0 / 3);
  EXPECT_EQ(of("-1" + std::string(400, '0')).ratio_to(of("3" + std::string(400, '0'))), -1.0 / 3);
  EXPECT_EQ(of("9007199254740993").ratio_to(of("3")), 3002399751580331.0);
  EXPECT_TRUE(std::signbit(BigInteger().ratio_to(of("-5"))));
}

}  // namespace
}  // namespace hearth::jinja
