// The bits of a value of one type as one of another.
#pragma once

using uint = unsigned int;

template <typename To, typename From>
HEARTH_FUNCTION To as_type(From from) {
  static_assert(sizeof(To) == sizeof(From));
  return __builtin_bit_cast(To, from);
}
