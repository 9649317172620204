#include "engine/grammar/json_schema/numbers.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "engine/grammar/regex.h"

namespace hearth::json_schema {
namespace {

constexpr std::string_view kAlphabet = "-.0123456789";
constexpr uint64_t kLargestDivisor = 5000;
/// Double precision, which most readers of JSON have, tells apart decimals of this many digits.
constexpr int kExactDigits = 15;

/// Patterns of this file are right and small.
RegularSet set_of(const std::string& pattern) {
  Result<RegularSet> set = regular_set_of(pattern, RegexUse::kWhole);
  return set.ok() ? *set : RegularSet();
}

/// The automaton of a state that knows how to step on and whether to accept.
template <typename State>
RegularSet explored(const State& start) {
  std::map<State, uint32_t> numbers = {{start, 0}};
  std::vector<State> found = {start};
  std::vector<RegularSet::State> states;
  for (size_t i = 0; i < found.size(); ++i) {
    RegularSet::State state;
    state.accepts = found[i].accepts();
    for (const char byte : kAlphabet) {
      State next = found[i];
      if (!next.step(byte)) continue;
      const auto [entry, is_new] = numbers.try_emplace(next, static_cast<uint32_t>(numbers.size()));
      if (is_new) found.push_back(next);
      const auto character = static_cast<char32_t>(byte);
      state.arcs.push_back({character, character, entry->second});
    }
    states.push_back(std::move(state));
  }
  return RegularSet(std::move(states));
}

/// How a number that is being read compares to a bound, as far as its digits tell.
struct Compared {
  const std::string* whole;  // the bound's digits
  const std::string* fraction;
  bool bound_negative;
  bool bound_zero;
  Comparison wanted;

  bool negative = false;
  bool behind_point = false;
  size_t place = 0;  // before or behind the point, to the bound's length
  int order = 0;     // of the digits so far; of those before the point, if there are as many

  bool operator<(const Compared& other) const { return state() < other.state(); }
  std::tuple<bool, bool, size_t, int> state() const { return {negative, behind_point, place, order}; }

  bool step(char byte) {
    if (byte == '-') {
      negative = true;
      return place == 0 && !behind_point;
    }
    if (byte == '.') {
      if (behind_point) return false;
      order = order_of_whole();
      behind_point = true;
      place = 0;
      return true;
    }
    const std::string& digits = behind_point ? *fraction : *whole;
    if (!behind_point && place == digits.size()) {
      order = 2;  // more digits: greater, whatever follows
      return true;
    }
    const char other = place < digits.size() ? digits[place] : '0';
    if (order == 0 && byte != other) order = byte < other ? -1 : 1;
    place = std::min(place + 1, digits.size());
    return true;
  }

  int order_of_whole() const {
    if (order == 2) return 1;
    return place < whole->size() ? -1 : order;
  }

  bool accepts() const {
    int magnitude = behind_point ? order : order_of_whole();
    const bool more_follows = fraction->find_first_not_of('0', behind_point ? place : 0) != std::string::npos;
    if (magnitude == 0 && more_follows) magnitude = -1;
    int result = negative ? -1 : 1;
    if (negative == bound_negative) {
      result = negative ? -magnitude : magnitude;
    } else if (bound_zero && magnitude == 0) {
      result = 0;
    }
    switch (wanted) {
      case Comparison::kLess:
        return result < 0;
      case Comparison::kNotGreater:
        return result <= 0;
      case Comparison::kEqual:
        return result == 0;
      case Comparison::kNotLess:
        return result >= 0;
      case Comparison::kGreater:
        return result > 0;
    }
    return false;
  }
};

/// What is left of a number that is being read, divided by divisor * 10^-places.
struct Remainder {
  uint64_t divisor;
  int places;

  uint64_t remainder = 0;
  bool behind_point = false;
  int place = 0;

  bool operator<(const Remainder& other) const { return state() < other.state(); }
  std::tuple<uint64_t, bool, int> state() const { return {remainder, behind_point, place}; }

  bool step(char byte) {
    if (byte == '-') return true;
    if (byte == '.') {
      behind_point = true;
      return true;
    }
    if (behind_point && place == places) return byte == '0';
    remainder = (remainder * 10 + static_cast<uint64_t>(byte - '0')) % divisor;
    if (behind_point) ++place;
    return true;
  }

  bool accepts() const {
    uint64_t whole = remainder;
    for (int i = place; i < places; ++i) whole = whole * 10 % divisor;
    return whole == 0;
  }
};

std::string digits_pattern(int before, int behind) {
  return "-?(0|[1-9][0-9]{0," + std::to_string(before - 1) + "})(\\.[0-9]{1," + std::to_string(behind) +
         "})?";
}

}  // namespace

RegularSet all_numbers() {
  static const RegularSet kAll = set_of(digits_pattern(kMostDigits, kMostDigits));
  return kAll;
}

RegularSet whole_numbers() {
  static const RegularSet kWhole = set_of("-?(0|[1-9][0-9]{0,19})(\\.0{1,20})?");
  return kWhole;
}

Result<RegularSet> numbers_compared(Comparison comparison, const Decimal& bound) {
  const std::string whole = bound.whole();
  const std::string fraction = bound.fraction();
  const RegularSet lax = explored(Compared{&whole, &fraction, bound.negative, bound.zero(), comparison});
  HEARTH_ASSIGN(RegularSet exact, lax & all_numbers());
  if (exact.empty()) {
    return Error{ErrorCode::kUnsupported, "numbers have at most " + std::to_string(kMostDigits) +
                                              " digits before and behind the point"};
  }
  return exact;
}

Result<RegularSet> multiples_of(const Decimal& divisor) {
  const int places = std::max(0, -divisor.exponent);
  const std::string digits =
      divisor.digits + std::string(static_cast<size_t>(std::max(0, divisor.exponent)), '0');
  const uint64_t number = digits.size() > 18 ? UINT64_MAX : std::strtoull(digits.c_str(), nullptr, 10);
  if (number > kLargestDivisor / static_cast<uint64_t>(places + 1)) {
    return Error{ErrorCode::kUnsupported, "multiples of numbers with a remainder of more than " +
                                              std::to_string(kLargestDivisor) +
                                              " values cannot be told apart"};
  }
  const RegularSet exact = set_of(digits_pattern(kExactDigits, kMostDigits));
  return explored(Remainder{number, places}) & exact;
}

RegularSet exact_numbers() {
  static const RegularSet kExact = [] {
    std::string pattern = "-?(0|[1-9][0-9]{0,19})(\\.0{1,20})?";
    for (int before = 1; before < kExactDigits; ++before) {
      pattern += "|" + digits_pattern(before, kExactDigits - before);
    }
    return set_of(pattern);
  }();
  return kExact;
}

Result<RegularSet> without_padding(const RegularSet& numbers, bool with_point) {
  static const RegularSet kPlain = set_of("-?[0-9]+(\\.[0-9]*[1-9]0{0,2})?");
  static const RegularSet kPlainOrPoint = set_of("-?[0-9]+(\\.(0{1,2}|[0-9]*[1-9]0{0,2}))?");
  return numbers & (with_point ? kPlainOrPoint : kPlain);
}

Result<RegularSet> shortest_texts(const RegularSet& numbers) {
  static const RegularSet kShortest = set_of("0|-?[1-9][0-9]*|-?[0-9]+\\.[0-9]*[1-9]");
  return numbers & kShortest;
}

}  // namespace hearth::json_schema
