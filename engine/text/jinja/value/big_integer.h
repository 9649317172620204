// Integers of any size, for what leaves 64 bits: Python's have no other.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::jinja {

/// Sign and magnitude. Work is in proportion to the square of the size; who computes with them sees to a
/// limit. None is read that has more digits than Python reads.
class BigInteger {
 public:
  BigInteger() = default;  // zero
  explicit BigInteger(int64_t value);
  explicit BigInteger(uint64_t magnitude, bool is_negative);
  /// Without its fraction. Requires a finite value.
  static BigInteger truncated(double value);
  static constexpr size_t kMaxDigits = 4300;
  /// A sign, if any, and digits of a base from 2 to 36. Nothing where something else or no digit is there, or
  /// more than kMaxDigits of them.
  static std::optional<BigInteger> parse(std::string_view digits, uint32_t base);

  /// The index that a name in a path is: digits and nothing else.
  static std::optional<BigInteger> parse_index(std::string_view name);

  bool is_zero() const { return limbs_.empty(); }
  bool is_negative() const { return is_negative_; }
  /// How many bits the magnitude has.
  size_t bits() const;
  /// Nothing beyond 64 bits.
  std::optional<int64_t> small() const;
  /// The nearest double, half to even; infinite beyond all of them.
  double real() const;
  /// With a minus where it is negative, in lower case.
  std::string digits(uint32_t base = 10) const;

  BigInteger operator-() const;
  BigInteger operator+(const BigInteger& other) const;
  BigInteger operator-(const BigInteger& other) const { return *this + -other; }
  BigInteger operator*(const BigInteger& other) const;
  struct Division;
  /// The quotient rounded down, the remainder with the sign of the divisor. Requires a divisor that is not
  /// zero.
  Division divided_by(const BigInteger& divisor) const;
  /// The nearest double to the exact quotient, half to even. Requires a divisor that is not zero.
  double ratio_to(const BigInteger& divisor) const;
  std::strong_ordering operator<=>(const BigInteger& other) const;
  bool operator==(const BigInteger& other) const = default;

 private:
  using Limbs = std::vector<uint32_t>;  // least significant first, the last one not zero
  BigInteger(Limbs limbs, bool is_negative);
  static Limbs sum(const Limbs& a, const Limbs& b);
  static Limbs difference(const Limbs& larger, const Limbs& smaller);
  static std::strong_ordering compare(const Limbs& a, const Limbs& b);
  static uint32_t divide_in_place(Limbs& limbs, uint32_t divisor);
  static void multiply_and_add(Limbs& limbs, uint32_t factor, uint32_t addend);
  static Limbs shifted(const Limbs& limbs, size_t bits);
  static Limbs divide(Limbs& remainder, const Limbs& divisor);

  Limbs limbs_;
  bool is_negative_ = false;
};

struct BigInteger::Division {
  BigInteger quotient;
  BigInteger remainder;
};

}  // namespace hearth::jinja
