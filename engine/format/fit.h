// Searches that encoders share: the scale, or scale and minimum, with which a few levels come closest to
// values.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>

namespace hearth {

/// The integer nearest to `value` within [low, high]; low for NaN.
inline int nearest_within(float value, int low, int high) {
  if (!(value > static_cast<float>(low))) return low;
  if (value >= static_cast<float>(high)) return high;
  return static_cast<int>(std::lround(value));
}

/// The value of the largest magnitude, with its sign; the first of several; 0 if all are.
inline float extreme_of(std::span<const float> values) {
  float extreme = 0.0F;
  for (const float value : values) {
    if (std::fabs(value) > std::fabs(extreme)) extreme = value;
  }
  return extreme;
}

/// 1 / value, or 0 for 0.
inline float inverse_or_zero(float value) { return value != 0.0F ? 1.0F / value : 0.0F; }

/// The position in ascending `levels` of the one nearest to `value`.
template <size_t kSize>
int nearest_level(const std::array<int8_t, kSize>& levels, float value) {
  const auto above = std::lower_bound(levels.begin(), levels.end(), value);
  if (above == levels.begin()) return 0;
  if (above == levels.end()) return static_cast<int>(kSize) - 1;
  const bool below_is_nearer = value - static_cast<float>(above[-1]) < static_cast<float>(above[0]) - value;
  return static_cast<int>(above - levels.begin()) - (below_is_nearer ? 1 : 0);
}

/// The scale s that makes sum((x - s * level)^2) small, where `round` takes x / s to its nearest level (a
/// float) and levels reach from `lowest` to `highest`. 0 if all values are 0.
///
/// For given levels the best scale is sum(x * level) / sum(level^2), and leaves the error
/// sum(x^2) - sum(x * level)^2 / sum(level^2). So try scales that bring the extreme value near either end of
/// the levels, and keep the one whose levels make that last quotient largest.
template <typename Round>
float fit_scale(std::span<const float> values, float lowest, float highest, Round round) {
  const float extreme = extreme_of(values);
  if (extreme == 0.0F) return 0.0F;
  float best_scale = 0.0F;
  float best_gain = 0.0F;
  for (const float end : {lowest, highest}) {
    for (int step = -8; step <= 8; ++step) {
      const float inverse = end / extreme * (1.0F + static_cast<float>(step) / 32.0F);
      float product = 0.0F;
      float square = 0.0F;
      for (const float value : values) {
        const float level = round(value * inverse);
        product += value * level;
        square += level * level;
      }
      if (square > 0.0F && product * product > best_gain * square) {
        best_gain = product * product / square;
        best_scale = product / square;
      }
    }
  }
  return best_scale;
}

/// x is near scale * q - minimum for integers q.
struct Line {
  float scale;
  float minimum;
};

/// The line with q in [0, highest], scale >= 0 and minimum >= 0 that makes the squared error small.
Line fit_line(std::span<const float> values, int highest);

}  // namespace hearth
