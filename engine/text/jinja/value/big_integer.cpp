#include "engine/text/jinja/value/big_integer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

namespace hearth::jinja {
namespace {

constexpr size_t kLimbBits = 32;

void drop_leading_zeros(std::vector<uint32_t>& limbs) {
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
}

/// -1 where the character is no digit.
int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : -1;
}

/// As many digits of a base as fit a limb, and what they multiply by.
struct DigitGroup {
  uint32_t factor;
  size_t digits;
};
DigitGroup largest_group(uint32_t base) {
  DigitGroup group{base, 1};
  for (; group.factor <= std::numeric_limits<uint32_t>::max() / base; ++group.digits) group.factor *= base;
  return group;
}

// The steps of a long division whose divisor has its highest bit set. The digit at a place is the quotient of
// the limbs of `rest` from there on and the divisor.

/// From the highest limbs: at most one too large.
uint64_t guess_digit(const std::vector<uint32_t>& rest, const std::vector<uint32_t>& divisor, size_t place) {
  const size_t size = divisor.size();
  const uint64_t high = uint64_t{rest[place + size]} << kLimbBits | rest[place + size - 1];
  uint64_t guess = high / divisor[size - 1];
  uint64_t left = high % divisor[size - 1];
  while (guess >> kLimbBits != 0 ||
         guess * divisor[size - 2] > (left << kLimbBits | rest[place + size - 2])) {
    --guess;
    left += divisor[size - 1];
    if (left >> kLimbBits != 0) break;
  }
  return guess;
}

/// False where the product was larger, so that what is left is negative.
bool subtract_product(std::vector<uint32_t>& rest, const std::vector<uint32_t>& divisor, uint64_t digit,
                      size_t place) {
  uint64_t carry = 0;
  int64_t borrow = 0;
  for (size_t i = 0; i < divisor.size(); ++i) {
    carry += digit * divisor[i];
    borrow += int64_t{rest[i + place]} - static_cast<uint32_t>(carry);
    rest[i + place] = static_cast<uint32_t>(borrow);
    borrow >>= kLimbBits;
    carry >>= kLimbBits;
  }
  borrow += int64_t{rest[place + divisor.size()]} - static_cast<int64_t>(carry);
  rest[place + divisor.size()] = static_cast<uint32_t>(borrow);
  return borrow >= 0;
}

void add_back(std::vector<uint32_t>& rest, const std::vector<uint32_t>& divisor, size_t place) {
  uint64_t carry = 0;
  for (size_t i = 0; i < divisor.size(); ++i) {
    carry += uint64_t{rest[i + place]} + divisor[i];
    rest[i + place] = static_cast<uint32_t>(carry);
    carry >>= kLimbBits;
  }
  rest[place + divisor.size()] += static_cast<uint32_t>(carry);
}

}  // namespace

BigInteger::BigInteger(int64_t value)
    // 0 - x in unsigned arithmetic is the magnitude of every negative x, INT64_MIN included.
    : BigInteger(value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value), value < 0) {}

BigInteger::BigInteger(uint64_t magnitude, bool is_negative)
    : BigInteger(Limbs{static_cast<uint32_t>(magnitude), static_cast<uint32_t>(magnitude >> kLimbBits)},
                 is_negative) {}

BigInteger::BigInteger(Limbs limbs, bool is_negative) : limbs_(std::move(limbs)) {
  drop_leading_zeros(limbs_);
  is_negative_ = is_negative && !limbs_.empty();
}

BigInteger BigInteger::truncated(double value) {
  int exponent = 0;
  const double fraction = std::frexp(std::fabs(value), &exponent);
  if (exponent <= 0) return {};
  const auto mantissa = static_cast<uint64_t>(std::ldexp(fraction, 53));
  if (exponent <= 53) return BigInteger(mantissa >> (53 - exponent), value < 0);
  const BigInteger whole(mantissa, false);
  return {shifted(whole.limbs_, static_cast<size_t>(exponent - 53)), value < 0};
}

std::optional<BigInteger> BigInteger::parse(std::string_view digits, uint32_t base) {
  const bool is_negative = digits.starts_with('-');
  if (is_negative || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.empty() || digits.size() > kMaxDigits) return std::nullopt;
  Limbs limbs;
  const DigitGroup most = largest_group(base);
  while (!digits.empty()) {
    uint32_t factor = 1;
    uint32_t part = 0;
    for (const char c : digits.substr(0, most.digits)) {
      const int value = digit_value(c);
      if (value < 0 || value >= static_cast<int>(base)) return std::nullopt;
      part = part * base + static_cast<uint32_t>(value);
      factor *= base;
    }
    multiply_and_add(limbs, factor, part);
    digits.remove_prefix(std::min(digits.size(), most.digits));
  }
  return BigInteger(std::move(limbs), is_negative);
}

std::optional<BigInteger> BigInteger::parse_index(std::string_view name) {
  return name.starts_with('-') || name.starts_with('+') ? std::nullopt : parse(name, 10);
}

size_t BigInteger::bits() const {
  if (limbs_.empty()) return 0;
  return limbs_.size() * kLimbBits - static_cast<size_t>(std::countl_zero(limbs_.back()));
}

std::optional<int64_t> BigInteger::small() const {
  if (limbs_.size() > 2) return std::nullopt;
  uint64_t magnitude = 0;
  for (size_t i = limbs_.size(); i > 0; --i) magnitude = magnitude << kLimbBits | limbs_[i - 1];
  const uint64_t most = uint64_t{INT64_MAX} + (is_negative_ ? 1 : 0);
  if (magnitude > most) return std::nullopt;
  return static_cast<int64_t>(is_negative_ ? 0 - magnitude : magnitude);
}

double BigInteger::real() const {
  if (bits() > 1024) return is_negative_ ? -INFINITY : INFINITY;
  // The three highest limbs hold the highest 64 bits; one bit for all that follow decides how halves are
  // rounded.
  const size_t first = limbs_.size() > 3 ? limbs_.size() - 3 : 0;
  const bool has_more = std::any_of(limbs_.begin(), limbs_.begin() + static_cast<std::ptrdiff_t>(first),
                                    [](uint32_t limb) { return limb != 0; });
  uint64_t high = 0;
  for (size_t i = limbs_.size(); i > first + (limbs_.size() > 2 ? 1 : 0); --i) {
    high = high << kLimbBits | limbs_[i - 1];
  }
  int exponent = 0;
  if (limbs_.size() > 2) {
    const int spare = std::countl_zero(high);
    const uint64_t last = limbs_[first];
    const uint64_t filled = high << spare | (spare > 0 ? last >> (kLimbBits - spare) : 0);
    const auto lost = static_cast<uint32_t>(last << spare);
    high = filled | (lost != 0 || has_more ? 1 : 0);
    exponent = static_cast<int>(first * kLimbBits + kLimbBits) - spare;
  }
  const double magnitude = std::ldexp(static_cast<double>(high), exponent);
  return is_negative_ ? -magnitude : magnitude;
}

std::string BigInteger::digits(uint32_t base) const {
  if (is_zero()) return "0";
  const DigitGroup group = largest_group(base);
  std::string reversed;
  for (Limbs rest = limbs_; !rest.empty();) {
    uint32_t part = divide_in_place(rest, group.factor);
    for (size_t i = 0; i < group.digits; ++i, part /= base)
      reversed += "0123456789abcdefghijklmnopqrstuvwxyz"[part % base];
  }
  reversed.erase(reversed.find_last_not_of('0') + 1);
  if (is_negative_) reversed += '-';
  return {reversed.rbegin(), reversed.rend()};
}

BigInteger BigInteger::operator-() const { return {limbs_, !is_negative_}; }

BigInteger BigInteger::operator+(const BigInteger& other) const {
  if (is_negative_ == other.is_negative_) return {sum(limbs_, other.limbs_), is_negative_};
  const bool is_larger = std::is_gt(compare(limbs_, other.limbs_));
  return is_larger ? BigInteger(difference(limbs_, other.limbs_), is_negative_)
                   : BigInteger(difference(other.limbs_, limbs_), other.is_negative_);
}

BigInteger BigInteger::operator*(const BigInteger& other) const {
  Limbs product(limbs_.size() + other.limbs_.size(), 0);
  for (size_t i = 0; i < limbs_.size(); ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < other.limbs_.size(); ++j) {
      carry += uint64_t{limbs_[i]} * other.limbs_[j] + product[i + j];
      product[i + j] = static_cast<uint32_t>(carry);
      carry >>= kLimbBits;
    }
    product[i + other.limbs_.size()] = static_cast<uint32_t>(carry);
  }
  return {std::move(product), is_negative_ != other.is_negative_};
}

BigInteger::Division BigInteger::divided_by(const BigInteger& divisor) const {
  Limbs rest = limbs_;
  const BigInteger quotient(divide(rest, divisor.limbs_), is_negative_ != divisor.is_negative_);
  const BigInteger remainder(std::move(rest), is_negative_);
  if (remainder.is_zero() || is_negative_ == divisor.is_negative_) return {quotient, remainder};
  return {quotient - BigInteger(int64_t{1}), remainder + divisor};
}

double BigInteger::ratio_to(const BigInteger& divisor) const {
  if (is_zero()) return divisor.is_negative() ? -0.0 : 0.0;
  // 66 bits of the quotient, and one for what is left over, are enough to round.
  const auto wanted = static_cast<std::ptrdiff_t>(divisor.bits()) - static_cast<std::ptrdiff_t>(bits()) + 66;
  Limbs rest = shifted(limbs_, static_cast<size_t>(std::max<std::ptrdiff_t>(wanted, 0)));
  const Limbs below = shifted(divisor.limbs_, static_cast<size_t>(std::max<std::ptrdiff_t>(-wanted, 0)));
  Limbs quotient = divide(rest, below);
  quotient[0] |= rest.empty() ? 0 : 1;
  const BigInteger scaled(std::move(quotient), is_negative_ != divisor.is_negative_);
  return std::ldexp(scaled.real(), static_cast<int>(-wanted));
}

std::strong_ordering BigInteger::operator<=>(const BigInteger& other) const {
  if (is_negative_ != other.is_negative_) return other.is_negative_ <=> is_negative_;
  return is_negative_ ? compare(other.limbs_, limbs_) : compare(limbs_, other.limbs_);
}

BigInteger::Limbs BigInteger::sum(const Limbs& a, const Limbs& b) {
  Limbs result;
  uint64_t carry = 0;
  for (size_t i = 0; i < std::max(a.size(), b.size()) || carry != 0; ++i) {
    carry += uint64_t{i < a.size() ? a[i] : 0} + (i < b.size() ? b[i] : 0);
    result.push_back(static_cast<uint32_t>(carry));
    carry >>= kLimbBits;
  }
  return result;
}

BigInteger::Limbs BigInteger::difference(const Limbs& larger, const Limbs& smaller) {
  Limbs result = larger;
  int64_t borrow = 0;
  for (size_t i = 0; i < larger.size(); ++i) {
    const int64_t step = int64_t{larger[i]} - (i < smaller.size() ? smaller[i] : 0) + borrow;
    result[i] = static_cast<uint32_t>(step);
    borrow = step < 0 ? -1 : 0;
  }
  return result;
}

std::strong_ordering BigInteger::compare(const Limbs& a, const Limbs& b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return std::lexicographical_compare_three_way(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

/// Leaves the quotient, returns the remainder.
uint32_t BigInteger::divide_in_place(Limbs& limbs, uint32_t divisor) {
  uint64_t rest = 0;
  for (size_t i = limbs.size(); i > 0; --i) {
    rest = rest << kLimbBits | limbs[i - 1];
    limbs[i - 1] = static_cast<uint32_t>(rest / divisor);
    rest %= divisor;
  }
  drop_leading_zeros(limbs);
  return static_cast<uint32_t>(rest);
}

void BigInteger::multiply_and_add(Limbs& limbs, uint32_t factor, uint32_t addend) {
  uint64_t carry = addend;
  for (uint32_t& limb : limbs) {
    carry += uint64_t{limb} * factor;
    limb = static_cast<uint32_t>(carry);
    carry >>= kLimbBits;
  }
  if (carry != 0) limbs.push_back(static_cast<uint32_t>(carry));
}

BigInteger::Limbs BigInteger::shifted(const Limbs& limbs, size_t bits) {
  Limbs result(bits / kLimbBits, 0);
  const size_t within = bits % kLimbBits;
  uint64_t carry = 0;
  for (const uint32_t limb : limbs) {
    carry |= uint64_t{limb} << within;
    result.push_back(static_cast<uint32_t>(carry));
    carry >>= kLimbBits;
  }
  result.push_back(static_cast<uint32_t>(carry));
  drop_leading_zeros(result);
  return result;
}

/// Knuth's algorithm D (The Art of Computer Programming, 4.3.1). Returns the quotient and leaves the
/// remainder.
BigInteger::Limbs BigInteger::divide(Limbs& remainder, const Limbs& divisor) {
  if (std::is_lt(compare(remainder, divisor))) return {};
  if (divisor.size() == 1) {
    Limbs quotient = std::move(remainder);
    const uint32_t rest = divide_in_place(quotient, divisor[0]);
    remainder = rest == 0 ? Limbs{} : Limbs{rest};
    return quotient;
  }
  // With the divisor's highest bit set, each guess of a digit is at most two too large.
  const auto shift = static_cast<size_t>(std::countl_zero(divisor.back()));
  const Limbs by = shifted(divisor, shift);
  Limbs rest = shifted(remainder, shift);
  rest.resize(std::max(rest.size(), remainder.size()) + 1, 0);
  Limbs quotient(rest.size() - by.size(), 0);
  for (size_t place = quotient.size(); place-- > 0;) {
    uint64_t digit = guess_digit(rest, by, place);
    if (!subtract_product(rest, by, digit, place)) {
      --digit;
      add_back(rest, by, place);
    }
    quotient[place] = static_cast<uint32_t>(digit);
  }
  drop_leading_zeros(quotient);
  // The remainder is shifted as the divisor is: its lowest bits are zeros.
  for (size_t i = 0; i < rest.size() && shift > 0; ++i) {
    rest[i] = rest[i] >> shift | (i + 1 < rest.size() ? rest[i + 1] << (kLimbBits - shift) : 0);
  }
  drop_leading_zeros(rest);
  remainder = std::move(rest);
  return quotient;
}

}  // namespace hearth::jinja
