// The highest values of a row, as a device finds them that is slow to be read from: a row of logits is half a
// megabyte, and what is drawn of it is mostly among a few.
#pragma once

#include <array>
#include <cstdint>

namespace hearth {

/// Of the first columns of a row those with the highest values, of equal ones the first columns: in any
/// order, all that are above minus infinity where these are fewer. NaN counts as minus infinity.
struct Highest {
  static constexpr int32_t kCount = 64;
  static constexpr int32_t kNone = -1;

  std::array<float, kCount> values;
  std::array<int32_t, kCount> columns;  // kNone: the value means nothing
};

}  // namespace hearth
