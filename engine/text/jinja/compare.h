// Python's == and <.
#pragma once

#include <compare>
#include <optional>

#include "engine/text/jinja/value.h"

namespace hearth::jinja {

/// Exact, also between integers and floats. Requires two numbers; unordered where one is NaN.
std::partial_ordering compare_numbers(const Value& a, const Value& b);

bool equals(const Value& a, const Value& b, Budget& budget);

/// Nothing where Python knows no order between the two.
std::optional<std::partial_ordering> compare(const Value& a, const Value& b, Budget& budget);

/// Whether `list` has an item equal to `value`.
bool contains(const List& list, const Value& value, Budget& budget);

}  // namespace hearth::jinja
