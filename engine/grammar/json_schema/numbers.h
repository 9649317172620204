// Sets of numbers as sets of texts: a number in plain digits, "-12.50", without an exponent. Every text of a
// value, 1 and 1.00, is in a set or none is.
#pragma once

#include "engine/base/result.h"
#include "engine/grammar/json_schema/decimal.h"
#include "engine/grammar/regular_set.h"

namespace hearth::json_schema {

/// The most digits before and behind the point.
inline constexpr int kMostDigits = 20;

RegularSet all_numbers();
RegularSet whole_numbers();

enum class Comparison : uint8_t { kLess, kNotGreater, kEqual, kNotLess, kGreater };

/// The numbers that compare so to the bound. UNSUPPORTED where all of them have more digits than that.
Result<RegularSet> numbers_compared(Comparison comparison, const Decimal& bound);

/// The multiples of a positive number. UNSUPPORTED where too many states are needed to tell them.
Result<RegularSet> multiples_of(const Decimal& divisor);

/// Whole numbers, and those of so few digits that double precision tells each from the others: with more, a
/// number below a bound could be read as the bound.
RegularSet exact_numbers();

/// The set without more than two zeros at the end of a fraction, or behind a whole number's point; that point
/// may be left out as well.
Result<RegularSet> without_padding(const RegularSet& numbers, bool with_point);

/// The set with one text of each number.
Result<RegularSet> shortest_texts(const RegularSet& numbers);

}  // namespace hearth::json_schema
